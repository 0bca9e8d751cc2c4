//! What can be wrong with the parts of a server's description, one sentence each.

use crate::client::auth::AuthenticationMethod;
use crate::redirect_uri::RedirectUri;
use crate::scope::Scope;

pub(super) fn scope_problems(scopes: &[(String, String)]) -> Vec<String> {
    let mut problems = Vec::new();
    for (at, (name, _)) in scopes.iter().enumerate() {
        if !Scope::is_one_value(name) {
            problems.push(format!("the scope {name:?} is not one scope value"));
        }
        if scopes.iter().take(at).any(|(before, _)| before == name) {
            problems.push(format!("the scope {name:?} is given twice"));
        }
    }
    problems
}

pub(super) fn scheme_problems(schemes: &[String]) -> impl Iterator<Item = String> {
    let is_undotted = |scheme: &str| {
        RedirectUri::danger_parse(&format!("{scheme}:/"))
            .is_ok_and(|uri| uri.undotted_scheme() == Some(scheme))
    };
    let wrong = schemes.iter().filter(move |scheme| !is_undotted(scheme));
    wrong.map(|scheme| format!("{scheme:?} is not a private-use scheme without a dot"))
}

/// Two methods of one name would both claim a request, which is then refused for using two.
pub(super) fn authentication_problems(
    methods: &[AuthenticationMethod],
) -> impl Iterator<Item = String> {
    let repeated = methods.iter().enumerate().filter(|(at, method)| {
        let mut before = methods.iter().take(*at);
        before.any(|before| before.name() == method.name())
    });
    repeated.map(|(_, method)| {
        let name = method.name();
        format!(
            "the client authentication method {:?} is given twice",
            name.as_str()
        )
    })
}

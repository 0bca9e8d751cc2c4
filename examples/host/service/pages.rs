//! The pages, made from what the service and the authorization server know.

use oauth_core::{
    ClientId, ConnectedApplication, ConnectedGrant, ConsentPrompt, LoginPrompt, ResourceIndicator,
    Scope, StoreError, UserId,
};
use url::form_urlencoded;

use super::Service;
use crate::pages::{
    AccountPage, Application, ConsentPage, DEMO_HINT, GrantLine, GrantsPage, HomePage, LoginPage,
    MessagePage, Moment, ScopeLine,
};

impl Service {
    fn demo_hint(&self) -> Option<String> {
        self.demo.as_ref().map(|_| DEMO_HINT.to_owned())
    }

    /// The first page, for whoever is signed in.
    pub fn home_page(&self, username: Option<&str>) -> HomePage {
        HomePage {
            base: self.base().to_owned(),
            username: username.map(str::to_owned),
            demo_hint: self.demo_hint(),
            demo_client: self.demo.as_ref().and_then(|demo| demo.client.clone()),
            metadata_url: self.server.metadata_path(),
        }
    }

    /// The login page for somebody whom no app sent. `error` is what went wrong the last time.
    pub fn login_page(
        &self,
        return_to: Option<&str>,
        username: &str,
        error: Option<&str>,
    ) -> LoginPage {
        LoginPage {
            base: self.base().to_owned(),
            return_to: self.return_to(return_to),
            username: username.to_owned(),
            error: error.map(str::to_owned),
            client_name: None,
            demo_hint: self.demo_hint(),
        }
    }

    /// Where to go after signing in: back to the authorization request that led to the login page, or
    /// to the account page. Anybody can write a link with another place in it, so the framework is
    /// asked.
    pub fn return_to(&self, place: Option<&str>) -> String {
        match place.filter(|place| self.server.is_return_url(place)) {
            Some(place) => place.to_owned(),
            None => format!("{}/account", self.base()),
        }
    }

    /// The login page that an authorization request leads to.
    pub fn login_page_for(&self, login: &LoginPrompt) -> LoginPage {
        LoginPage {
            base: self.base().to_owned(),
            return_to: login.return_to().to_owned(),
            username: login.login_hint().unwrap_or_default().to_owned(),
            error: None,
            client_name: Some(login.client_name().to_owned()),
            demo_hint: self.demo_hint(),
        }
    }

    /// The consent page that an authorization request leads to.
    pub fn consent_page(&self, prompt: &ConsentPrompt, username: &str) -> ConsentPage {
        let base = self.base().to_owned();
        let scopes = prompt.scopes().iter().map(|scope| ScopeLine {
            name: scope.name().to_owned(),
            description: scope.description().to_owned(),
            already_granted: scope.granted_before(),
        });
        ConsentPage {
            action: prompt.action().to_owned(),
            base,
            ticket: prompt.ticket().to_owned(),
            client_name: prompt.client_name().to_owned(),
            redirect_host: prompt.redirect_host().to_owned(),
            username: username.to_owned(),
            scopes: scopes.collect(),
            resources: texts(prompt.resources()),
        }
    }

    /// The account page with the applications of a user.
    pub fn account_page(&self, username: &str, connected: &[ConnectedApplication]) -> AccountPage {
        AccountPage {
            base: self.base().to_owned(),
            username: username.to_owned(),
            notice: None,
            applications: connected.iter().map(|it| self.application(it)).collect(),
        }
    }

    fn application(&self, connected: &ConnectedApplication) -> Application {
        Application {
            client_id: connected.client_id().to_string(),
            client_name: connected.client_name().to_owned(),
            scopes: self.scope_lines(connected.scope()),
            live_grants: connected.live_grants(),
            last_issued_at: connected.last_issued_at().map(Moment::from),
            grants: self.grants_of(connected.client_id()),
        }
    }

    /// Where a user sees the grants of one application.
    pub fn grants_of(&self, client: &ClientId) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("client_id", client.as_str());
        format!("{}/account/grants?{}", self.base(), query.finish())
    }

    /// The page with the grants of one application; `None` where it is not connected.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when a store cannot answer.
    pub async fn grants_page(
        &self,
        user: &UserId,
        client: &ClientId,
    ) -> Result<Option<GrantsPage>, StoreError> {
        let applications = self.server.connected_applications(user).await?;
        let Some(application) = applications.iter().find(|it| it.client_id() == client) else {
            return Ok(None);
        };
        let grants = self.server.connected_grants(user).await?;
        let own = grants.iter().filter(|grant| grant.client_id() == client);
        Ok(Some(GrantsPage {
            base: self.base().to_owned(),
            client_id: client.to_string(),
            client_name: application.client_name().to_owned(),
            grants: own.map(|grant| self.grant_line(grant)).collect(),
        }))
    }

    fn grant_line(&self, grant: &ConnectedGrant) -> GrantLine {
        GrantLine {
            id: grant.id().to_string(),
            opened_at: grant.opened_at().into(),
            last_issued_at: grant.last_issued_at().into(),
            scopes: self.scope_lines(grant.scope()),
            resources: texts(grant.audience().resources()),
        }
    }

    /// What a user has allowed, in words.
    fn scope_lines(&self, scope: &Scope) -> Vec<ScopeLine> {
        let lines = scope.values().map(|name| ScopeLine {
            name: name.to_owned(),
            description: self.server.scope_description(name).to_owned(),
            already_granted: true,
        });
        lines.collect()
    }

    /// Where somebody goes who has to sign in to see the account page.
    pub fn sign_in_first(&self) -> String {
        format!("{}/login", self.base())
    }

    /// A form that lacks something.
    pub fn malformed_form(&self) -> MessagePage {
        let message = "The form was incomplete. Go back and try again.";
        MessagePage::new(self.base(), "Please try again", message)
    }

    /// A form that came from a page of another site.
    pub fn foreign_origin(&self) -> MessagePage {
        MessagePage::foreign_origin(self.base(), self.issuer())
    }

    /// Signing out without being signed in.
    pub fn not_signed_in(&self) -> MessagePage {
        MessagePage::new(
            self.base(),
            "You are not signed in",
            "There is nothing to do.",
        )
    }
}

fn texts(resources: &[ResourceIndicator]) -> Vec<String> {
    resources.iter().map(ToString::to_string).collect()
}

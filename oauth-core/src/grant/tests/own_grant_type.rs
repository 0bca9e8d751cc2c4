//! A grant type of the host.

use async_trait::async_trait;

use crate::grant::{GrantHandler, TokenRequest, TokenResponse};
use crate::test_server::{Fault, Form, TestServer, Verb, web};
use crate::{ErrorCode, GrantType, Rejection, Subject, UserId};

const VOUCHER: &str = "urn:example:voucher";

struct VoucherGrant;

#[async_trait]
impl GrantHandler for VoucherGrant {
    async fn handle(&self, request: &TokenRequest<'_>) -> Result<TokenResponse, Rejection> {
        let voucher = request
            .parameters()
            .required("voucher", "voucher is missing")?;
        if voucher != "open-sesame" {
            let why = "the voucher is not valid";
            return Err(Rejection::new(ErrorCode::InvalidGrant, why));
        }
        let scope = request.scope_within(request.client().scope())?;
        let user = Subject::User(UserId::new("alice"));
        request.open(user, scope).await
    }
}

fn server(grant_types: &[GrantType]) -> TestServer {
    let test =
        TestServer::with(|builder| builder.grant_type(GrantType::new(VOUCHER), VoucherGrant));
    let client = web().grant_types(grant_types.iter().cloned());
    test.store.register(client.build().unwrap());
    test
}

fn form() -> Form {
    Form::of([("grant_type", VOUCHER), ("voucher", "open-sesame")])
}

#[tokio::test]
async fn issues_tokens_that_refresh() {
    let test = server(&[GrantType::new(VOUCHER), GrantType::REFRESH_TOKEN]);
    let answer = test.send("web", &form()).await.issued();
    let token = test
        .server
        .verify_access_token(&answer.access_token())
        .await;
    let token = token.unwrap().unwrap();
    assert_eq!(token.user(), Some(&UserId::new("alice")));
    let refreshed = test.refresh("web", &answer.refresh_token()).await.issued();
    assert_eq!(refreshed.text("scope"), "profile email");
    let narrow = test.send("web", &form().with("scope", "email")).await;
    let narrow = narrow.issued();
    // The grant is the narrow one: refreshing cannot widen it.
    let wide = Form::refreshing(&narrow.refresh_token()).with("scope", "profile");
    test.send("web", &wide).await.is(400, "invalid_scope");
}

#[tokio::test]
async fn its_refusals_reach_the_client() {
    let test = server(&[GrantType::new(VOUCHER)]);
    let answer = test.send("web", &form()).await.issued();
    assert!(answer.json().get("refresh_token").is_none());
    let wrong = test.send("web", &form().with("voucher", "x")).await;
    wrong.is(400, "invalid_grant");
    assert_eq!(wrong.text("error_description"), "the voucher is not valid");
    let missing = test.send("web", &form().without("voucher")).await;
    missing.is(400, "invalid_request");
    test.store.fail(Verb::Open, 1, Fault::PermanentBefore);
    test.send("web", &form()).await.is(500, "server_error");
}

#[tokio::test]
async fn is_for_the_clients_that_have_it() {
    let test = server(&[GrantType::CLIENT_CREDENTIALS]);
    test.send("web", &form())
        .await
        .is(400, "unauthorized_client");
    let plain = TestServer::new();
    plain
        .send("web", &form())
        .await
        .is(400, "unsupported_grant_type");
}

#[tokio::test]
async fn replaces_a_built_in_one() {
    let test =
        TestServer::with(|builder| builder.grant_type(GrantType::CLIENT_CREDENTIALS, VoucherGrant));
    let form = Form::of([("grant_type", "client_credentials")]);
    let answer = test.send("job", &form).await;
    answer.is(400, "invalid_request");
    assert_eq!(answer.text("error_description"), "voucher is missing");
}

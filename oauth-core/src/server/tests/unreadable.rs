//! A store that reads what it cannot read as it is, also where somebody asks for a code or token.

use crate::test_server::{Answer, Form, Kept, TestServer};
use crate::{Requirement, ResourceServer};

const KEPT: [Kept; 2] = [Kept::Grant, Kept::Credential];

#[tokio::test]
async fn a_code_that_cannot_be_read_is_not_said_to_be_invalid() {
    for kept in KEPT {
        let test = TestServer::new();
        let code = test.code("web").await;
        test.store.keep(Some(kept));
        test.redeem("web", &code).await.is(500, "server_error");
        test.store.keep(None);
        test.redeem("web", &code).await.issued();
    }
}

#[tokio::test]
async fn a_refresh_token_that_cannot_be_read_is_not_said_to_be_invalid() {
    for kept in KEPT {
        let test = TestServer::new();
        let token = test.tokens("web").await.refresh_token();
        test.store.keep(Some(kept));
        test.refresh("web", &token).await.is(500, "server_error");
        test.store.keep(None);
        test.refresh("web", &token).await.issued();
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_read_is_neither_inactive_nor_revoked() {
    for kept in KEPT {
        let test = TestServer::new();
        let tokens = test.tokens("web").await;
        test.store.keep(Some(kept));
        for token in [tokens.access_token(), tokens.refresh_token()] {
            let form = Form::of([("token", &*token)]).sent_by("web");
            let answer = Answer::of(test.server.introspect(&form).await);
            assert_eq!(answer.status, 503);
            assert!(answer.json().get("active").is_none());
            let answer = Answer::of(test.server.revoke(&form).await);
            assert_eq!(answer.status, 503);
        }
        test.store.keep(None);
        assert!(test.is_live(&tokens.access_token()).await);
    }
}

#[tokio::test]
async fn an_access_token_that_cannot_be_read_is_an_error_at_the_resource() {
    for kept in KEPT {
        let test = TestServer::new();
        let token = test.tokens("web").await.access_token();
        test.store.keep(Some(kept));
        let error = test.server.verify_access_token(&token).await.unwrap_err();
        assert!(!error.is_transient());
        let request = http::Request::get("/").header("authorization", format!("Bearer {token}"));
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let required = Requirement::scope("");
        let refused = test.server.authenticate(&parts, &required);
        let response = refused.await.unwrap_err().into_http();
        assert_eq!(response.status(), 500);
        assert!(!response.headers().contains_key("www-authenticate"));
    }
}

//! PKCE at the authorization endpoint, RFC 7636: S256 for every client, `plain` for none.

use crate::harness::{AuthorizationRequest, Browser, Client, Target, challenge_of};

tests! {
    pkce:
    missing_challenge_is_invalid_request,
    plain_is_invalid_request,
    unknown_methods_are_invalid_request,
    malformed_challenges_are_invalid_request,
    verifiers_of_both_lengths_work,
}

async fn refused(target: &'static Target, request: AuthorizationRequest) {
    let answer = Browser::new(target.server()).start(&request).await;
    answer.expect_redirected(&request, "invalid_request");
}

/// For confidential, public and first-party clients alike.
pub async fn missing_challenge_is_invalid_request(target: &'static Target) {
    for client in [
        Client::web(),
        Client::public(),
        Client::first(),
        Client::native(),
    ] {
        let request = AuthorizationRequest::new(&client);
        refused(target, request.clone().without("code_challenge")).await;
        refused(target, request.clone().with("code_challenge", "")).await;
        let without = request
            .without("code_challenge")
            .without("code_challenge_method");
        refused(target, without).await;
    }
}

/// Also by default, RFC 7636 section 4.3: no method means `plain`.
pub async fn plain_is_invalid_request(target: &'static Target) {
    for client in [Client::web(), Client::public()] {
        let request = AuthorizationRequest::new(&client);
        let verifier = request.verifier.clone();
        refused(
            target,
            request.clone().with("code_challenge_method", "plain"),
        )
        .await;
        refused(target, request.clone().without("code_challenge_method")).await;
        let plain = request.with("code_challenge", &verifier);
        refused(target, plain.clone().with("code_challenge_method", "plain")).await;
        refused(target, plain.without("code_challenge_method")).await;
    }
}

pub async fn unknown_methods_are_invalid_request(target: &'static Target) {
    for method in ["s256", "S512", "S256 ", "none"] {
        let request = AuthorizationRequest::new(&Client::web());
        refused(target, request.with("code_challenge_method", method)).await;
    }
}

/// A SHA-256 in base64url is 43 characters of its alphabet, without padding.
pub async fn malformed_challenges_are_invalid_request(target: &'static Target) {
    let good = challenge_of("verifier");
    let short = good[..42].to_owned();
    let other_alphabet = format!("{}+/", &good[..41]);
    let bad = [
        short,
        format!("{good}="),
        format!("{good}A"),
        other_alphabet,
        "x".repeat(200),
    ];
    for challenge in bad {
        let request = AuthorizationRequest::new(&Client::web());
        refused(target, request.with("code_challenge", &challenge)).await;
    }
}

/// 43 to 128 characters, RFC 7636 section 4.1.
pub async fn verifiers_of_both_lengths_work(target: &'static Target) {
    let server = target.server();
    let client = Client::first();
    let browser = Browser::of(server, server.anyone()).await;
    for verifier in ["a".repeat(43), "-._~".repeat(32)] {
        let request = AuthorizationRequest::new(&client);
        let mut request = request.with("code_challenge", &challenge_of(&verifier));
        request.verifier = verifier;
        let code = browser.start(&request).await.expect_code(&request);
        server.redeem(&client, &code).await.expect_tokens();
    }
}

//! Redirect URIs are compared as strings; only the port may differ, only for `http` on loopback.
//! RFC 6749 section 3.1.2, RFC 8252 section 7.3, RFC 9700 section 4.1.3.

use crate::harness::{AuthorizationRequest, Browser, Client, Code, Target};

tests! {
    redirect_uri:
    registered_uris_get_their_code,
    case_matters,
    port_matters_for_https,
    trailing_slash_matters,
    query_matters,
    fragment_is_refused,
    userinfo_is_refused,
    percent_encoding_is_not_undone,
    dot_segments_are_not_removed,
    scheme_and_host_matter,
    what_is_no_uri_is_refused,
    any_port_for_loopback_http,
    loopback_hosts_are_not_interchangeable,
    loopback_allows_nothing_but_another_port,
    private_use_scheme_is_matched_exactly,
    left_out_with_one_registered,
    left_out_with_several_registered_is_a_page,
}

async fn accepted(target: &'static Target, client: &Client, uris: &[&str]) {
    let server = target.server();
    let browser = Browser::new(server);
    for uri in uris {
        let request = AuthorizationRequest::new(client).with("redirect_uri", uri);
        let code = browser.grant(server.anyone(), &request).await;
        server.redeem(client, &code).await.expect_tokens();
    }
}

async fn refused(target: &'static Target, client: &Client, uris: &[&str]) {
    let browser = Browser::new(target.server());
    for uri in uris {
        let request = AuthorizationRequest::new(client).with("redirect_uri", uri);
        browser.start(&request).await.expect_refusal_page();
    }
}

pub async fn registered_uris_get_their_code(target: &'static Target) {
    let client = Client::addresses();
    // Not through the code helper's redirect alone: the harness compares the Location byte for byte.
    accepted(target, &client, &client.redirect_uris).await;
}

pub async fn case_matters(target: &'static Target) {
    let uris = [
        "https://client.example/callback",
        "https://client.example/CALLBACK",
        "https://CLIENT.example/Callback",
        "HTTPS://client.example/Callback",
    ];
    refused(target, &Client::addresses(), &uris).await;
}

pub async fn port_matters_for_https(target: &'static Target) {
    let uris = [
        "https://client.example:443/Callback",
        "https://client.example:8443/Callback",
        "https://client.example:/Callback",
        "https://client.example:8444/callback",
        "https://client.example/callback",
    ];
    refused(target, &Client::addresses(), &uris).await;
}

pub async fn trailing_slash_matters(target: &'static Target) {
    let uris = [
        "https://client.example/Callback/",
        "https://client.example/dir/callback",
        "https://client.example/",
    ];
    refused(target, &Client::addresses(), &uris).await;
}

pub async fn query_matters(target: &'static Target) {
    let uris = [
        "https://client.example/Callback?",
        "https://client.example/Callback?next=1",
        "https://client.example/cb",
        "https://client.example/cb?tenant=a%20b",
        "https://client.example/cb?tenant=a+b&tenant=2",
        "https://client.example/cb?tenant=2&tenant=a%20b",
        "https://client.example/cb?tenant=a%20b&tenant=2&more=1",
    ];
    refused(target, &Client::addresses(), &uris).await;
}

pub async fn fragment_is_refused(target: &'static Target) {
    let uris = [
        "https://client.example/Callback#",
        "https://client.example/Callback#x",
    ];
    refused(target, &Client::addresses(), &uris).await;
}

pub async fn userinfo_is_refused(target: &'static Target) {
    let uris = [
        "https://user@client.example/Callback",
        "https://user:password@client.example/Callback",
        "https://@client.example/Callback",
        "https://client.example@attacker.example/Callback",
        "http://attacker.example@127.0.0.1/callback",
        "http://127.0.0.1@attacker.example/callback",
    ];
    refused(target, &Client::addresses(), &uris).await;
}

pub async fn percent_encoding_is_not_undone(target: &'static Target) {
    let uris = [
        "https://client.example/%43allback",
        "https://client.example/dir%2Fcallback/",
        "https://client%2Eexample/Callback",
        "https://client.example/cb?tenant=%61%20b&tenant=2",
        "http://127.0.0.1/%63allback",
    ];
    refused(target, &Client::addresses(), &uris).await;
}

pub async fn dot_segments_are_not_removed(target: &'static Target) {
    let uris = [
        "https://client.example/./Callback",
        "https://client.example/dir/../Callback",
        "https://client.example/dir/%2e%2e/Callback",
        "https://client.example/Callback/..",
        "https://client.example/Callback/.",
        "https://client.example//Callback",
        "https://client.example\\Callback",
    ];
    refused(target, &Client::addresses(), &uris).await;
}

pub async fn scheme_and_host_matter(target: &'static Target) {
    let uris = [
        "http://client.example/Callback",
        "https://client.example.attacker.example/Callback",
        "https://sub.client.example/Callback",
        "https://client.example./Callback",
        "https://127.0.0.1/callback",
        "//client.example/Callback",
        "/Callback",
    ];
    refused(target, &Client::addresses(), &uris).await;
}

pub async fn what_is_no_uri_is_refused(target: &'static Target) {
    let uris = [
        "client.example",
        "https:",
        "https://",
        "javascript:alert(1)",
        "data:text/html,x",
        "*",
        " https://client.example/Callback",
        "https://client.example/Callback ",
        "https://client.example/Callback\r\nSet-Cookie: a=b",
        "https://client.example/Callback\0",
    ];
    refused(target, &Client::addresses(), &uris).await;
}

/// RFC 8252 section 7.3: the operating system gives the port.
pub async fn any_port_for_loopback_http(target: &'static Target) {
    let uris = [
        "http://127.0.0.1:51004/callback",
        "http://127.0.0.1:1/callback",
        "http://127.0.0.1:65535/callback",
        "http://[::1]:51004/callback",
        "http://[::1]/callback",
        "http://localhost:51004/callback",
        "http://localhost/callback",
    ];
    accepted(target, &Client::addresses(), &uris).await;
    let uris = [
        "http://127.0.0.1:51004/callback",
        "http://127.0.0.1/callback",
    ];
    accepted(target, &Client::public(), &uris).await;
}

pub async fn loopback_hosts_are_not_interchangeable(target: &'static Target) {
    // Registered with 127.0.0.1 only.
    let uris = [
        "http://localhost:9999/callback",
        "http://[::1]:9999/callback",
        "http://127.0.0.2:9999/callback",
        "http://127.1:9999/callback",
        "http://2130706433:9999/callback",
        "http://0x7f.0.0.1:9999/callback",
        "http://127.0.0.1.attacker.example:9999/callback",
        "http://localhost.attacker.example:9999/callback",
        "http://[::ffff:127.0.0.1]:9999/callback",
        "http://0.0.0.0:9999/callback",
    ];
    refused(target, &Client::public(), &uris).await;
    refused(target, &Client::web(), &uris).await;
}

pub async fn loopback_allows_nothing_but_another_port(target: &'static Target) {
    let uris = [
        "https://127.0.0.1:9999/callback",
        "http://127.0.0.1:9999/",
        "http://127.0.0.1:9999/callback/",
        "http://127.0.0.1:9999/Callback",
        "http://127.0.0.1:9999/callback?x=1",
        "http://127.0.0.1:9999/callback#x",
        "http://user@127.0.0.1:9999/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:port/callback",
        "http://127.0.0.1:80:90/callback",
        "http://127.0.0.1:-1/callback",
    ];
    refused(target, &Client::public(), &uris).await;
    refused(target, &Client::web(), &uris).await;
}

pub async fn private_use_scheme_is_matched_exactly(target: &'static Target) {
    let client = Client::native();
    accepted(target, &client, &["com.example.app:/callback"]).await;
    let uris = [
        "com.example.app:/Callback",
        "com.example.app://callback",
        "com.example.app:/callback/",
        "com.example.app:callback",
        "com.example.app.evil:/callback",
        "COM.example.app:/callback",
    ];
    refused(target, &client, &uris).await;
}

pub async fn left_out_with_one_registered(target: &'static Target) {
    let server = target.server();
    let client = Client::first();
    let browser = Browser::of(server, server.anyone()).await;
    let request = AuthorizationRequest::new(&client).without("redirect_uri");
    // At the token endpoint it may be left out as well, or be the registered one.
    for redirect_uri in [None, Some(client.redirect_uris[0])] {
        let code = browser.start(&request).await.expect_code(&request);
        let mut form = code.parameters();
        form.retain(|(name, _)| *name != "redirect_uri");
        form.extend(redirect_uri.map(|uri| ("redirect_uri", uri)));
        server.token(&client, &form).await.expect_tokens();
    }
    let code = browser.start(&request).await.expect_code(&request);
    let other = Code {
        redirect_uri: "http://127.0.0.1:8888/callback".to_owned(),
        ..code
    };
    server
        .redeem(&client, &other)
        .await
        .expect_error(400, "invalid_grant");
}

pub async fn left_out_with_several_registered_is_a_page(target: &'static Target) {
    let request = AuthorizationRequest::new(&Client::addresses()).without("redirect_uri");
    Browser::new(target.server())
        .start(&request)
        .await
        .expect_refusal_page();
}

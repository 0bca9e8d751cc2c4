//! The service's own pages: home, login, account.

use std::error::Error;
use std::net::SocketAddr;

use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use host::forms::{DisconnectForm, EndGrantForm, GrantsQuery, LoginForm, LoginQuery};
use host::metrics::METRICS_HEADERS;
use host::pages::{
    MessagePage, PAGE_HEADERS, Page, STYLESHEET, STYLESHEET_HEADERS, WRONG_PASSWORD,
};
use host::{Origin, SignIn};
use oauth_core::UserId;
use oauth_core::throttle::RetryAfter;

use crate::app::App;
use crate::session::Visitor;

pub(crate) fn page(status: StatusCode, page: &impl Page) -> Response {
    (status, headers(PAGE_HEADERS), page.html()).into_response()
}

fn headers<const N: usize>(pairs: [(&'static str, &'static str); N]) -> HeaderMap {
    pairs
        .into_iter()
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        })
        .collect()
}

fn origin(app: &App, headers: &HeaderMap) -> Origin {
    let stated = headers.get(header::ORIGIN);
    app.origin(stated.map(|value| value.to_str().unwrap_or("unreadable")))
}

fn foreign_origin(app: &App) -> Response {
    page(StatusCode::FORBIDDEN, &app.foreign_origin())
}

fn malformed_form(app: &App) -> Response {
    page(StatusCode::BAD_REQUEST, &app.malformed_form())
}

fn unavailable(app: &App, error: &dyn Error) -> Response {
    tracing::error!("{error}");
    page(
        StatusCode::SERVICE_UNAVAILABLE,
        &MessagePage::unavailable(app.base()),
    )
}

fn too_many_attempts(app: &App, retry_after: RetryAfter) -> Response {
    let seconds = retry_after.seconds();
    let message = MessagePage::too_many_attempts(app.base(), seconds);
    let header = [(header::RETRY_AFTER, HeaderValue::from(seconds))];
    (header, page(StatusCode::TOO_MANY_REQUESTS, &message)).into_response()
}

pub(crate) async fn home(State(app): State<App>, visitor: Visitor) -> Response {
    page(StatusCode::OK, &app.home_page(visitor.username()))
}

pub(crate) async fn stylesheet() -> impl IntoResponse {
    (headers(STYLESHEET_HEADERS), STYLESHEET)
}

pub(crate) async fn not_found(State(app): State<App>) -> Response {
    page(StatusCode::NOT_FOUND, &MessagePage::not_found(app.base()))
}

/// 200 once the store answers.
pub(crate) async fn healthz(State(app): State<App>) -> Response {
    if app.is_healthy().await {
        "ok\n".into_response()
    } else {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    }
}

/// What was counted, for Prometheus.
pub(crate) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    (headers(METRICS_HEADERS), app.metrics.text())
}

pub(crate) async fn login_form(
    State(app): State<App>,
    query: Result<Query<LoginQuery>, QueryRejection>,
) -> Response {
    let return_to = query.ok().and_then(|query| query.0.return_to);
    page(
        StatusCode::OK,
        &app.login_page(return_to.as_deref(), "", None),
    )
}

pub(crate) async fn login(
    State(app): State<App>,
    visitor: Visitor,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    form: Result<Form<LoginForm>, FormRejection>,
) -> Response {
    if origin(&app, &headers) == Origin::Foreign {
        return foreign_origin(&app);
    }
    let Ok(Form(form)) = form else {
        return malformed_form(&app);
    };
    let return_to = form.return_to.as_deref();
    let peer = Some(address.ip());
    match app
        .sign_in(form.username.clone(), form.password, peer)
        .await
    {
        Ok(SignIn::Signed(username)) => {
            let target = app.return_to(return_to);
            (visitor.sign_in(username), Redirect::to(&target)).into_response()
        }
        Ok(SignIn::Refused) => page(
            StatusCode::UNAUTHORIZED,
            &app.login_page(return_to, &form.username, Some(WRONG_PASSWORD)),
        ),
        Ok(SignIn::NotNow(retry_after)) => too_many_attempts(&app, retry_after),
        Err(busy) => unavailable(&app, &busy),
    }
}

pub(crate) async fn logout(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Response {
    if origin(&app, &headers) != Origin::Same {
        return foreign_origin(&app);
    }
    if visitor.session.is_none() {
        return page(StatusCode::FORBIDDEN, &app.not_signed_in());
    }
    let message = MessagePage::signed_out(app.base());
    (visitor.sign_out(), page(StatusCode::OK, &message)).into_response()
}

fn sign_in_first(app: &App) -> Response {
    Redirect::to(&app.sign_in_first()).into_response()
}

fn to_account(app: &App) -> Response {
    Redirect::to(&format!("{}/account", app.base())).into_response()
}

pub(crate) async fn account(State(app): State<App>, visitor: Visitor) -> Response {
    let Some(username) = visitor.username() else {
        return sign_in_first(&app);
    };
    let user = UserId::new(username);
    match app.server.connected_applications(&user).await {
        Ok(connected) => page(StatusCode::OK, &app.account_page(username, &connected)),
        Err(error) => unavailable(&app, &error),
    }
}

pub(crate) async fn disconnect(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    form: Result<Form<DisconnectForm>, FormRejection>,
) -> Response {
    if origin(&app, &headers) == Origin::Foreign {
        return foreign_origin(&app);
    }
    let Some(username) = visitor.username() else {
        return sign_in_first(&app);
    };
    let Ok(Form(form)) = form else {
        return malformed_form(&app);
    };
    let user = UserId::new(username);
    match app.server.disconnect(&user, &form.client_id).await {
        Ok(()) => to_account(&app),
        Err(error) => unavailable(&app, &error),
    }
}

/// The grants of one application, one by one.
pub(crate) async fn grants(
    State(app): State<App>,
    visitor: Visitor,
    query: Result<Query<GrantsQuery>, QueryRejection>,
) -> Response {
    let Some(username) = visitor.username() else {
        return sign_in_first(&app);
    };
    let Ok(Query(query)) = query else {
        return malformed_form(&app);
    };
    let user = UserId::new(username);
    match app.grants_page(&user, &query.client_id).await {
        Ok(Some(grants)) => page(StatusCode::OK, &grants),
        Ok(None) => to_account(&app),
        Err(error) => unavailable(&app, &error),
    }
}

pub(crate) async fn end_grant(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    form: Result<Form<EndGrantForm>, FormRejection>,
) -> Response {
    if origin(&app, &headers) == Origin::Foreign {
        return foreign_origin(&app);
    }
    let Some(username) = visitor.username() else {
        return sign_in_first(&app);
    };
    let Ok(Form(form)) = form else {
        return malformed_form(&app);
    };
    let user = UserId::new(username);
    // Whether it was there or not, it is not there now.
    match app.server.end_grant(&user, &form.grant).await {
        Ok(_) => Redirect::to(&app.grants_of(&form.client_id)).into_response(),
        Err(error) => unavailable(&app, &error),
    }
}

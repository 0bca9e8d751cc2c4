//! The service's own pages: home, login, account.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use host::origin::{Origin, same_origin};
use host::pages::{
    AccountPage, Application, DEMO_HINT, HomePage, LoginPage, MessagePage, PAGE_HEADERS, Page,
    STYLESHEET, STYLESHEET_HEADERS, ScopeLine, WRONG_PASSWORD,
};
use host::{Secret, return_to};
use oauth_core::{ClientId, ConnectedApplication, StoreError, UserId};
use serde::Deserialize;

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

pub(crate) fn demo_hint(app: &App) -> Option<String> {
    app.demo.as_ref().map(|_| DEMO_HINT.to_owned())
}

fn origin(app: &App, headers: &HeaderMap) -> Origin {
    let stated = headers
        .get(header::ORIGIN)
        .map(|value| value.to_str().unwrap_or("unreadable"));
    same_origin(stated, app.issuer())
}

fn foreign_origin(app: &App) -> Response {
    page(
        StatusCode::FORBIDDEN,
        &MessagePage::foreign_origin(app.base(), app.issuer()),
    )
}

fn malformed_form(app: &App) -> Response {
    let message = "The form was incomplete. Go back and try again.";
    page(
        StatusCode::BAD_REQUEST,
        &MessagePage::new(app.base(), "Please try again", message),
    )
}

fn unavailable(app: &App, error: &StoreError) -> Response {
    tracing::error!("{error}");
    page(
        StatusCode::SERVICE_UNAVAILABLE,
        &MessagePage::unavailable(app.base()),
    )
}

pub(crate) async fn home(State(app): State<App>, visitor: Visitor) -> Response {
    page(
        StatusCode::OK,
        &HomePage {
            base: app.base().to_owned(),
            username: visitor.username().map(str::to_owned),
            demo_hint: demo_hint(&app),
            demo_client: app.demo.as_ref().and_then(|demo| demo.client.clone()),
            metadata_url: app.server.metadata_path(),
        },
    )
}

pub(crate) async fn stylesheet() -> impl IntoResponse {
    (headers(STYLESHEET_HEADERS), STYLESHEET)
}

pub(crate) async fn not_found(State(app): State<App>) -> Response {
    page(StatusCode::NOT_FOUND, &MessagePage::not_found(app.base()))
}

/// 200 once the store answers.
pub(crate) async fn healthz(State(app): State<App>) -> Response {
    match app.server.connected_applications(&UserId::new("")).await {
        Ok(_) => "ok\n".into_response(),
        Err(error) => {
            tracing::error!("{error}");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct LoginQuery {
    return_to: Option<String>,
}

fn login_page(app: &App, return_to: Option<&str>, username: &str, error: Option<&str>) -> Response {
    let status = if error.is_some() {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::OK
    };
    page(
        status,
        &LoginPage {
            base: app.base().to_owned(),
            return_to: return_to::local(return_to, app.issuer()),
            username: username.to_owned(),
            error: error.map(str::to_owned),
            client_name: None,
            demo_hint: demo_hint(app),
        },
    )
}

pub(crate) async fn login_form(
    State(app): State<App>,
    query: Result<axum::extract::Query<LoginQuery>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let return_to = query.ok().and_then(|query| query.0.return_to);
    login_page(&app, return_to.as_deref(), "", None)
}

#[derive(Deserialize)]
pub(crate) struct LoginForm {
    username: String,
    password: Secret,
    return_to: Option<String>,
}

pub(crate) async fn login(
    State(app): State<App>,
    visitor: Visitor,
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
    match app
        .users
        .sign_in(form.username.clone(), form.password)
        .await
    {
        Some(username) => {
            let target = return_to::local(return_to, app.issuer());
            (visitor.sign_in(username), Redirect::to(&target)).into_response()
        }
        None => login_page(&app, return_to, &form.username, Some(WRONG_PASSWORD)),
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
        let message = MessagePage::new(
            app.base(),
            "You are not signed in",
            "There is nothing to do.",
        );
        return page(StatusCode::FORBIDDEN, &message);
    }
    let message = MessagePage::signed_out(app.base());
    (visitor.sign_out(), page(StatusCode::OK, &message)).into_response()
}

fn sign_in_first(app: &App) -> Response {
    let base = app.base();
    Redirect::to(&format!("{base}/login?return_to={base}/account")).into_response()
}

pub(crate) async fn account(State(app): State<App>, visitor: Visitor) -> Response {
    let Some(username) = visitor.username() else {
        return sign_in_first(&app);
    };
    match app
        .server
        .connected_applications(&UserId::new(username))
        .await
    {
        Ok(applications) => page(
            StatusCode::OK,
            &AccountPage {
                base: app.base().to_owned(),
                username: username.to_owned(),
                notice: None,
                applications: applications
                    .iter()
                    .map(|it| application(&app, it))
                    .collect(),
            },
        ),
        Err(error) => unavailable(&app, &error),
    }
}

fn application(app: &App, connected: &ConnectedApplication) -> Application {
    Application {
        client_id: connected.client_id().to_string(),
        client_name: connected.client_name().to_owned(),
        scopes: connected
            .scope()
            .values()
            .map(|name| ScopeLine {
                name: name.to_owned(),
                description: app.server.scope_description(name).to_owned(),
                already_granted: true,
            })
            .collect(),
        live_grants: connected.live_grants(),
    }
}

#[derive(Deserialize)]
pub(crate) struct DisconnectForm {
    client_id: String,
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
    let Ok(client) = ClientId::parse(&form.client_id) else {
        return malformed_form(&app);
    };
    match app.server.disconnect(&UserId::new(username), &client).await {
        Ok(()) => Redirect::to(&format!("{}/account", app.base())).into_response(),
        Err(error) => unavailable(&app, &error),
    }
}

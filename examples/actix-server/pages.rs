//! The service's own pages: home, login, account.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, LOCATION, ORIGIN, RETRY_AFTER};
use actix_web::web::{Data, Form, Query};
use actix_web::{Error, HttpRequest, HttpResponse};
use host::forms::{DisconnectForm, EndGrantForm, GrantsQuery, LoginForm, LoginQuery};
use host::metrics::METRICS_HEADERS;
use host::pages::{
    MessagePage, PAGE_HEADERS, Page, STYLESHEET, STYLESHEET_HEADERS, WRONG_PASSWORD,
};
use host::{Origin, Service, SignIn};
use oauth_core::UserId;
use oauth_core::throttle::RetryAfter;

use crate::session::Visitor;

pub(crate) fn page(status: StatusCode, page: &impl Page) -> HttpResponse {
    with_headers(status, PAGE_HEADERS, page.html())
}

fn with_headers<const N: usize>(
    status: StatusCode,
    headers: [(&'static str, &'static str); N],
    body: String,
) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    for header in headers {
        response.insert_header(header);
    }
    response.body(body)
}

fn redirect(place: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, place))
        .finish()
}

fn origin(service: &Service, request: &HttpRequest) -> Origin {
    let stated = request.headers().get(ORIGIN);
    service.origin(stated.map(|value| value.to_str().unwrap_or("unreadable")))
}

fn foreign_origin(service: &Service) -> HttpResponse {
    page(StatusCode::FORBIDDEN, &service.foreign_origin())
}

fn malformed_form(service: &Service) -> HttpResponse {
    page(StatusCode::BAD_REQUEST, &service.malformed_form())
}

fn unavailable(service: &Service, error: &dyn std::error::Error) -> HttpResponse {
    tracing::error!("{error}");
    page(
        StatusCode::SERVICE_UNAVAILABLE,
        &MessagePage::unavailable(service.base()),
    )
}

fn too_many_attempts(service: &Service, retry_after: RetryAfter) -> HttpResponse {
    let seconds = retry_after.seconds();
    let message = MessagePage::too_many_attempts(service.base(), seconds);
    let mut response = page(StatusCode::TOO_MANY_REQUESTS, &message);
    let headers = response.headers_mut();
    headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

pub(crate) async fn home(visitor: Visitor) -> HttpResponse {
    let page_of = visitor.service.home_page(visitor.username());
    page(StatusCode::OK, &page_of)
}

pub(crate) async fn stylesheet() -> HttpResponse {
    with_headers(StatusCode::OK, STYLESHEET_HEADERS, STYLESHEET.to_owned())
}

pub(crate) async fn not_found(service: Data<Service>) -> HttpResponse {
    page(
        StatusCode::NOT_FOUND,
        &MessagePage::not_found(service.base()),
    )
}

/// 200 once the store answers.
pub(crate) async fn healthz(service: Data<Service>) -> HttpResponse {
    if service.is_healthy().await {
        HttpResponse::Ok().body("ok\n")
    } else {
        HttpResponse::ServiceUnavailable().finish()
    }
}

/// What was counted, for Prometheus.
pub(crate) async fn metrics(service: Data<Service>) -> HttpResponse {
    with_headers(StatusCode::OK, METRICS_HEADERS, service.metrics.text())
}

pub(crate) async fn login_form(
    service: Data<Service>,
    query: Result<Query<LoginQuery>, Error>,
) -> HttpResponse {
    let return_to = query.ok().and_then(|query| query.into_inner().return_to);
    page(
        StatusCode::OK,
        &service.login_page(return_to.as_deref(), "", None),
    )
}

pub(crate) async fn login(
    visitor: Visitor,
    request: HttpRequest,
    form: Result<Form<LoginForm>, Error>,
) -> Result<HttpResponse, Error> {
    let service = &visitor.service;
    if origin(service, &request) == Origin::Foreign {
        return Ok(foreign_origin(service));
    }
    let Ok(Form(form)) = form else {
        return Ok(malformed_form(service));
    };
    let return_to = form.return_to.as_deref();
    let peer = request.peer_addr().map(|address| address.ip());
    Ok(
        match service
            .sign_in(form.username.clone(), form.password, peer)
            .await
        {
            Ok(SignIn::Signed(username)) => {
                visitor.sign_in(username)?;
                redirect(&service.return_to(return_to))
            }
            Ok(SignIn::Refused) => page(
                StatusCode::UNAUTHORIZED,
                &service.login_page(return_to, &form.username, Some(WRONG_PASSWORD)),
            ),
            Ok(SignIn::NotNow(retry_after)) => too_many_attempts(service, retry_after),
            Err(busy) => unavailable(service, &busy),
        },
    )
}

pub(crate) async fn logout(visitor: Visitor, request: HttpRequest) -> HttpResponse {
    let service = &visitor.service;
    if origin(service, &request) != Origin::Same {
        return foreign_origin(service);
    }
    if visitor.session.is_none() {
        return page(StatusCode::FORBIDDEN, &service.not_signed_in());
    }
    visitor.sign_out();
    page(StatusCode::OK, &MessagePage::signed_out(service.base()))
}

fn to_account(service: &Service) -> HttpResponse {
    redirect(&format!("{}/account", service.base()))
}

pub(crate) async fn account(visitor: Visitor) -> HttpResponse {
    let service = &visitor.service;
    let Some(username) = visitor.username() else {
        return redirect(&service.sign_in_first());
    };
    let user = UserId::new(username);
    match service.server.connected_applications(&user).await {
        Ok(connected) => page(StatusCode::OK, &service.account_page(username, &connected)),
        Err(error) => unavailable(service, &error),
    }
}

pub(crate) async fn disconnect(
    visitor: Visitor,
    request: HttpRequest,
    form: Result<Form<DisconnectForm>, Error>,
) -> HttpResponse {
    let service = &visitor.service;
    if origin(service, &request) == Origin::Foreign {
        return foreign_origin(service);
    }
    let Some(username) = visitor.username() else {
        return redirect(&service.sign_in_first());
    };
    let Ok(Form(form)) = form else {
        return malformed_form(service);
    };
    let user = UserId::new(username);
    match service.server.disconnect(&user, &form.client_id).await {
        Ok(()) => to_account(service),
        Err(error) => unavailable(service, &error),
    }
}

/// The grants of one application, one by one.
pub(crate) async fn grants(
    visitor: Visitor,
    query: Result<Query<GrantsQuery>, Error>,
) -> HttpResponse {
    let service = &visitor.service;
    let Some(username) = visitor.username() else {
        return redirect(&service.sign_in_first());
    };
    let Ok(Query(query)) = query else {
        return malformed_form(service);
    };
    let user = UserId::new(username);
    match service.grants_page(&user, &query.client_id).await {
        Ok(Some(grants)) => page(StatusCode::OK, &grants),
        Ok(None) => to_account(service),
        Err(error) => unavailable(service, &error),
    }
}

pub(crate) async fn end_grant(
    visitor: Visitor,
    request: HttpRequest,
    form: Result<Form<EndGrantForm>, Error>,
) -> HttpResponse {
    let service = &visitor.service;
    if origin(service, &request) == Origin::Foreign {
        return foreign_origin(service);
    }
    let Some(username) = visitor.username() else {
        return redirect(&service.sign_in_first());
    };
    let Ok(Form(form)) = form else {
        return malformed_form(service);
    };
    let user = UserId::new(username);
    // Whether it was there or not, it is not there now.
    match service.server.end_grant(&user, &form.grant).await {
        Ok(_) => redirect(&service.grants_of(&form.client_id)),
        Err(error) => unavailable(service, &error),
    }
}

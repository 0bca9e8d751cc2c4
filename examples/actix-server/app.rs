//! What the handlers share, and the routes of the whole service.

use actix_web::Route;
use actix_web::guard::{Any, Get, Head};
use actix_web::web::{Data, FormConfig, ServiceConfig, post, resource, route, scope, to};
use host::Service;
use host::forms::LONGEST_FORM;

use crate::{api, oauth, pages, session};

/// GET and HEAD; actix-web's own `get` is GET alone.
pub(crate) fn get() -> Route {
    route().guard(Any(Get()).or(Head()))
}

pub(crate) fn routes(config: &mut ServiceConfig, service: &Service) {
    let below = |config: &mut ServiceConfig| {
        oauth::routes(config, &service.server);
        let people = scope("").configure(|config| pages(config, service));
        config
            .service(resource("/api/email").route(get().to(api::email)))
            .service(resource("/style.css").route(get().to(pages::stylesheet)))
            .service(resource("/healthz").route(get().to(pages::healthz)))
            .service(resource("/metrics").route(get().to(pages::metrics)))
            // Only people have a session. What comes after this scope is not reached, since it takes every path.
            .service(people.wrap(session::cookies(service)));
    };
    config
        .app_data(Data::new(service.clone()))
        .app_data(FormConfig::default().limit(LONGEST_FORM))
        .configure(oauth_actix::well_known(&service.server))
        .default_service(to(pages::not_found));
    match service.base() {
        "" => config.configure(below),
        base => config.service(scope(base).configure(below)),
    };
}

fn pages(config: &mut ServiceConfig, service: &Service) {
    oauth::pages(config, &service.server);
    config
        .service(resource(["", "/"]).route(get().to(pages::home)))
        .service(
            resource("/login")
                .route(get().to(pages::login_form))
                .route(post().to(pages::login)),
        )
        .service(resource("/logout").route(post().to(pages::logout)))
        .service(
            resource("/account")
                .route(get().to(pages::account))
                .route(post().to(pages::disconnect)),
        )
        .service(
            resource("/account/grants")
                .route(get().to(pages::grants))
                .route(post().to(pages::end_grant)),
        );
}

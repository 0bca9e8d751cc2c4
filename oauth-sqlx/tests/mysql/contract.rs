//! Everything that the stores promise.

mod grants {
    oauth_testkit::grant_store_contract!(
        crate::fresh,
        failing = crate::refuse_credentials,
        second_connection = crate::again,
        when = crate::server_is_there
    );
}

mod directory {
    oauth_testkit::grant_directory_contract!(crate::fresh, when = crate::server_is_there);
}

mod requests {
    oauth_testkit::request_store_contract!(
        crate::fresh,
        second_connection = crate::again,
        when = crate::server_is_there
    );
}

mod consents {
    oauth_testkit::consent_store_contract!(
        crate::fresh,
        second_connection = crate::again,
        when = crate::server_is_there
    );
}

mod clients {
    oauth_testkit::client_store_contract!(crate::with, when = crate::server_is_there);
}

//! Everything that the stores promise.

mod grants {
    oauth_testkit::grant_store_contract!(
        crate::fresh,
        failing = crate::refuse_credentials,
        second_connection = crate::again
    );
}

mod directory {
    oauth_testkit::grant_directory_contract!(crate::fresh);
}

mod requests {
    oauth_testkit::request_store_contract!(crate::fresh, second_connection = crate::again);
}

mod consents {
    oauth_testkit::consent_store_contract!(crate::fresh, second_connection = crate::again);
}

mod clients {
    oauth_testkit::client_store_contract!(crate::with);
}

mod grants_in_memory {
    oauth_testkit::grant_store_contract!(crate::in_memory, failing = crate::refuse_credentials);
}

mod directory_in_memory {
    oauth_testkit::grant_directory_contract!(crate::in_memory);
}

mod requests_in_memory {
    oauth_testkit::request_store_contract!(crate::in_memory);
}

mod consents_in_memory {
    oauth_testkit::consent_store_contract!(crate::in_memory);
}

mod clients_in_memory {
    oauth_testkit::client_store_contract!(crate::with_in_memory);
}

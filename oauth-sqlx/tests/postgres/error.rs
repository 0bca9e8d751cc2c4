//! What the stores say when the database refuses.

use oauth_core::store::GrantStore;
use oauth_testkit::sample::{START, grant, refresh_token};

/// PostgreSQL gives the refused row with all its values in the details.
#[test]
fn an_error_has_no_values_of_a_row() {
    crate::support::run(crate::server_is_there, async {
        let store = crate::fresh().await;
        crate::refuse_credentials(&store).await;
        let opened = store.open(&grant(1), &[refresh_token(1)], START).await;
        let error = format!("{:?}", opened.unwrap_err());
        assert!(error.contains("credentials_payload_check"), "{error}");
        assert!(error.contains("23514"), "{error}");
        assert!(error.contains("check constraint"), "{error}");
        assert!(!error.contains("Failing row"), "{error}");
        assert!(!error.contains("refresh_token"), "{error}");
    });
}

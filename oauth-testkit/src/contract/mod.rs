//! The clauses of the contracts, one function each.
//!
//! The macros of this crate make a test of each. Every function panics when the store does not keep
//! the clause.

pub mod client_store;
pub mod consent_store;
pub mod grant_directory;
pub mod grant_store;
pub mod request_store;

/// Makes a test of each clause that it is given.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_tests {
    ($backend:block $contract:ident $($clause:ident)*) => {
        $(
            #[test]
            fn $clause() {
                $crate::run($backend, $crate::contract::$contract::$clause);
            }
        )*
    };
}

mod consent;
mod evaluate;
mod failing_store;
mod login;
mod refusals;
mod remembered;
mod resource_owner;
mod response;

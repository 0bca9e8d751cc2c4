mod consent;
mod evaluate;
mod failing_store;
mod login;
mod pages;
mod refusals;
mod remembered;
mod response;

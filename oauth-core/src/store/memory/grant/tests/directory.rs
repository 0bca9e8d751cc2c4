use super::*;
use crate::store::Target;

async fn listed(store: &dyn GrantDirectory, subject: &Subject, now: i64) -> Vec<GrantId> {
    let grants = store.list(subject, at(now)).await.unwrap();
    let mut ids: Vec<GrantId> = grants.iter().map(|grant| grant.id).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn lists_active_grants_of_that_subject() {
    let store = empty();
    let of = |n: u8, subject: Option<Subject>| Grant {
        subject,
        ..grant(n)
    };
    let client = Subject::Client(ClientId::parse("alice").unwrap());
    let bob = Subject::User(UserId::new("bob"));
    for grant in [
        of(1, Some(alice())),
        of(2, Some(alice())),
        of(3, Some(client.clone())),
        of(4, Some(bob.clone())),
        of(5, None),
    ] {
        opened(&store, &grant, &[]).await;
    }
    // A user and a client of the same name are different subjects.
    assert_eq!(listed(&store, &alice(), 1).await, [id(1), id(2)]);
    assert_eq!(listed(&store, &client, 1).await, [id(3)]);
    assert_eq!(listed(&store, &bob, 1).await, [id(4)]);
    assert_eq!(listed(&store, &Subject::User(UserId::new("")), 1).await, []);

    store.revoke(Target::Grant(&id(1)), at(1)).await.unwrap();
    assert_eq!(listed(&store, &alice(), 1).await, [id(2)]);
    assert_eq!(listed(&store, &alice(), 999).await, [id(2)]);
    assert_eq!(listed(&store, &alice(), 1_000).await, []);
}

#[tokio::test]
async fn gives_the_grants_as_they_are() {
    let store = with_code().await;
    assert_eq!(store.list(&alice(), at(1)).await.unwrap(), [grant(1)]);
}

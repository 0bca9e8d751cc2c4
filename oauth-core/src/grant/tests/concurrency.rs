//! Many at once, on several threads.

use tokio::task::JoinSet;

use crate::test_server::{Answer, Form, TestServer, Verb};

const AT_ONCE: usize = 32;

async fn all_at_once(test: &TestServer, form: Form) -> Vec<Answer> {
    let start = std::sync::Arc::new(tokio::sync::Barrier::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (test, form, start) = (test.clone(), form.clone(), start.clone());
        tasks.spawn(async move {
            start.wait().await;
            test.send("web", &form).await
        });
    }
    tasks.join_all().await
}

/// One winner; everybody else was told the same, and the winner's tokens are dead as well.
async fn assert_one_winner(test: &TestServer, answers: Vec<Answer>) {
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|it| it.status == 200);
    let [winner] = won.as_slice() else {
        panic!("{} winners", won.len());
    };
    for answer in &lost {
        answer.is(400, "invalid_grant");
    }
    assert!(!test.is_live(&winner.access_token()).await);
    let refreshed = test.refresh("web", &winner.refresh_token()).await;
    refreshed.is(400, "invalid_grant");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_code_has_one_winner_and_then_a_dead_grant() {
    for _ in 0..10 {
        let test = TestServer::new();
        let code = test.code("web").await;
        let answers = all_at_once(&test, Form::redeeming(&code)).await;
        assert_one_winner(&test, answers).await;
    }
}

#[tokio::test]
async fn who_loses_after_reading_ends_the_grant_as_well() {
    let test = TestServer::new();
    let code = test.code("web").await;
    let (other, same) = (test.clone(), code.clone());
    let (send, receive) = tokio::sync::oneshot::channel();
    test.store.before(Verb::Exchange, move || async move {
        let won = other.redeem("web", &same).await.issued();
        send.send(won).unwrap();
    });
    test.redeem("web", &code).await.is(400, "invalid_grant");
    let won = receive.await.unwrap();
    assert!(!test.is_live(&won.access_token()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_refresh_token_has_one_winner_and_then_a_dead_grant() {
    for _ in 0..10 {
        let test = TestServer::new();
        let first = test.tokens("web").await;
        let answers = all_at_once(&test, Form::refreshing(&first.refresh_token())).await;
        assert_one_winner(&test, answers).await;
        assert!(!test.is_live(&first.access_token()).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn within_the_retry_window_all_get_the_same_successor() {
    let window = std::time::Duration::from_secs(30);
    let test = TestServer::with(|builder| {
        builder
            .policy(crate::Policy::default().refresh_retry_window(window))
            .rotation_keys([crate::RotationKey::new([7; 32])])
    });
    let first = test.tokens("web").await;
    let answers = all_at_once(&test, Form::refreshing(&first.refresh_token())).await;
    let mut successors: Vec<String> = Vec::new();
    for answer in answers {
        let answer = answer.issued();
        assert!(test.is_live(&answer.access_token()).await);
        successors.push(answer.refresh_token());
    }
    successors.dedup();
    assert_eq!(successors.len(), 1);
    test.refresh("web", &successors[0]).await.issued();
}

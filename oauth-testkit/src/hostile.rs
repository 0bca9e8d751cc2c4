//! Identifiers that are awkward for a database: each is allowed by the core, and no two are the same.

use oauth_core::{ClientId, UserId};

/// The longest `client_id`; stores have to keep identifiers of users that are as long.
const LONGEST: usize = 2_048;

/// Printable ASCII.
const FOR_BOTH: [&str; 16] = [
    "alice",
    "Alice",
    "ALICE",
    "alice ",
    " alice",
    "alice  ",
    "a'; DROP TABLE grants; --",
    "\"alice\"",
    "`alice`",
    "al_ce",
    "al%",
    "al*",
    "\\",
    "\\'",
    "{alice}:{bob}",
    "NULL",
];

const FOR_USERS: [&str; 14] = [
    "",
    "\0",
    "alice\0",
    "alice\0bob",
    "\\0",
    "\n",
    "alice\t",
    "\u{e9}",
    "e\u{301}",
    "\u{c9}",
    "stra\u{df}e",
    "strasse",
    "\u{1f511}\u{202e}",
    "\u{ffff}\u{10ffff}",
];

/// Two of them are of the greatest length and differ in the last character only.
pub(crate) fn client_ids() -> Vec<ClientId> {
    let long = [long('0'), long('1')];
    let all = FOR_BOTH.into_iter().chain(long.iter().map(String::as_str));
    all.map(|id| ClientId::parse(id).expect("printable ASCII"))
        .collect()
}

/// All that a client may be called, too, and more.
pub(crate) fn user_ids() -> Vec<UserId> {
    let own = FOR_USERS.into_iter().map(UserId::new);
    let shared = client_ids().into_iter().map(|id| UserId::new(id.as_str()));
    shared.chain(own).collect()
}

/// A text that no index can compress.
fn long(last: char) -> String {
    let mut state: u32 = 1;
    let mut text: String = (1..LONGEST)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'!' + u8::try_from((state >> 16) % 94).unwrap_or_default())
        })
        .collect();
    text.push(last);
    text
}

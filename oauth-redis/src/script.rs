//! The Lua scripts, each of which is one verb.

use std::sync::LazyLock;

use redis::{Cmd, cmd};

/// A script and the name under which Redis keeps it.
pub(crate) struct Script {
    code: &'static str,
    digest: String,
}

macro_rules! script {
    ($name:ident = $($file:literal)+) => {
        pub(crate) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(concat!($(include_str!(concat!("scripts/", $file))),+)));
    };
}

script!(OPEN = "keep.lua" "insert.lua" "open.lua");
script!(FIND = "find.lua");
script!(EXCHANGE = "keep.lua" "insert.lua" "exchange.lua");
script!(DECIDE = "keep.lua" "decide.lua");
script!(MARK = "mark.lua");
script!(INDEX = "keep.lua" "index.lua");
script!(PUT = "keep.lua" "put.lua");
script!(TAKE = "take.lua");
script!(RECORD = "record.lua");

impl Script {
    fn new(code: &'static str) -> Self {
        let digest = redis::Script::new(code).get_hash().to_owned();
        Self { code, digest }
    }

    /// Names the script, which is all that is sent once the server knows it.
    pub(crate) fn by_digest(&self, keys: &[String], arguments: &[&[u8]]) -> Cmd {
        invocation("EVALSHA", &self.digest, keys, arguments)
    }

    /// Brings the script along. The node that answers keeps it, so nothing has to be loaded on all
    /// nodes of a cluster, of which one may be away.
    pub(crate) fn in_full(&self, keys: &[String], arguments: &[&[u8]]) -> Cmd {
        invocation("EVAL", self.code, keys, arguments)
    }
}

fn invocation(verb: &str, script: &str, keys: &[String], arguments: &[&[u8]]) -> Cmd {
    let mut command = cmd(verb);
    command.arg(script).arg(keys.len());
    for key in keys {
        command.arg(key);
    }
    for argument in arguments {
        command.arg(*argument);
    }
    command
}

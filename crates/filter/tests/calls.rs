//! Calls of the filter's own: each answer finds what it is for, once; what never comes is given up.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mock;

use mock::MockHost;
use tidegate_filter::Calls;
use tidegate_filter::host::{Answer, Call, CallId};

fn call(cluster: &str) -> Call<'_> {
    Call {
        cluster,
        method: "POST",
        path: "/hook",
        authority: "example.com",
        headers: vec![("content-type", "application/json")],
        body: b"{}",
        timeout_millis: 1_000,
        max_answer_bytes: 4,
    }
}

fn answered(
    host: &MockHost,
    calls: &mut Calls<u8>,
    (id, status, body): (u32, u16, &str),
) -> Option<(u8, Answer)> {
    host.prepare_answer(Some((status, body)));
    calls.take(host, CallId(id), body.len())
}

#[test]
fn an_answer_finds_its_purpose_once() {
    let host = MockHost::default();
    let mut calls = Calls::default();
    for purpose in [10, 20] {
        assert_eq!(calls.send(&host, &call("hooks"), purpose), Ok(()));
    }
    let sent = host.take_calls();
    assert_eq!(sent[0].request_line, "POST /hook");
    assert_eq!(sent[0].headers, [("content-type".into(), "application/json".into())]);
    assert!(calls.waits_for(|purpose| *purpose == 20));
    let (purpose, answer) = answered(&host, &mut calls, (2, 201, "fine")).unwrap();
    assert_eq!(
        (purpose, answer.status(), answer.body.as_deref()),
        (20, Some(201), Some(&b"fine"[..]))
    );
    assert!(answer.is_success());
    assert_eq!(answered(&host, &mut calls, (2, 200, "")), None, "again");
    let (purpose, answer) = answered(&host, &mut calls, (1, 500, "longer")).unwrap();
    assert_eq!((purpose, answer.body.as_deref(), answer.is_success()), (10, None, false));
}

#[test]
fn what_is_refused_comes_back_and_what_is_not_answered_ends() {
    let host = MockHost::default();
    let mut calls = Calls::default();
    host.refusing.borrow_mut().push("gone".into());
    assert_eq!(calls.send(&host, &call("gone"), 1), Err(1));
    for purpose in 0..32 {
        assert_eq!(calls.send(&host, &call("hooks"), purpose), Ok(()));
    }
    assert_eq!(calls.send(&host, &call("hooks"), 32), Err(32), "too many wait");
    assert_eq!(calls.expire(host.now_nanos.get() + 5_900_000_000).len(), 0);
    assert_eq!(calls.expire(host.now_nanos.get() + 6_000_000_000).len(), 32);
    assert_eq!(answered(&host, &mut calls, (1, 200, "late")), None);
    assert_eq!(Answer::default().status(), None);
}

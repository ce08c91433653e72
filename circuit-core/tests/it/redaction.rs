//! What no sink, subscriber or outcome sees.

use std::sync::Arc;
use std::time::{Duration, Instant};

use circuit_core::{CircuitLog, LogCaps, LogEntry, MemorySink, Redaction, Sensitive};
use serde_json::{Value, json};

use crate::support::builder;

const REDACTED: &str = "[redacted]";

async fn written(
    redaction: Redaction,
    write: impl Fn(&CircuitLog) + Send + Sync,
) -> Vec<Arc<LogEntry>> {
    let caps = LogCaps::default().with_message(1 << 20).with_value(1 << 20);
    let builder = builder([]).backend(circuit_db::Memory::new()).log_caps(caps);
    let circuit = builder.redaction(redaction).build().unwrap();
    let write = &write;
    let outcome = circuit.run(|execution| async move {
        write(execution.log());
        Ok(())
    });
    outcome.await.unwrap().log().to_vec()
}

/// What becomes of a message.
async fn message(redaction: Redaction, text: &str) -> String {
    let entries = written(redaction, |log| drop(log.info(text))).await;
    entries[0].message.to_string()
}

/// What becomes of a value.
async fn value(redaction: Redaction, value: Value) -> Value {
    let entries = written(redaction, |log| drop(log.info("").with("value", &value))).await;
    entries[0].data[0].1.clone()
}

/// Each text with what it becomes.
async fn become_so(redaction: Redaction, texts: &[(&str, &str)]) {
    for (text, expected) in texts {
        assert_eq!(message(redaction.clone(), text).await, *expected, "{text}");
        let values = value(redaction.clone(), json!([{"in": [text]}])).await;
        assert_eq!(values, json!([{"in": [expected]}]), "{text}");
        // Somebody may put it into a key.
        let keys = value(redaction.clone(), json!({ *text: 1 })).await;
        assert!(keys.get(*expected).is_some(), "{text}: {keys}");
    }
}

#[tokio::test]
async fn names_are_redacted_by_default_however_they_are_written_and_how_deep() {
    let given = json!({
        "password": "a", "Password": "a", "USER_PASSWORD": "a", "userPassword2": "a", "pass-word": "a",
        "apiKey": "a", "API_KEY": "a", "x-api-key": "a", "Api_Key__c": "a", "clientSecret": ["a", "b"],
        "Authorization": {"scheme": "x", "value": "a"}, "access_token": 12, "to\u{212a}en": "a",
        "deep": [[{"list": [{"secret": "a"}]}]],
        "headers": [["Set-Cookie", "a"], ["Accept", "b"]],
        "secretary": "b", "tokenized": "b", "author": "b",
    });
    let shown = value(Redaction::default(), given).await;
    let expected = json!({
        "password": REDACTED, "Password": REDACTED, "USER_PASSWORD": REDACTED,
        "userPassword2": REDACTED, "pass-word": REDACTED, "apiKey": REDACTED, "API_KEY": REDACTED,
        "x-api-key": REDACTED, "Api_Key__c": REDACTED, "clientSecret": REDACTED,
        "Authorization": REDACTED, "access_token": REDACTED, "to\u{212a}en": REDACTED,
        "deep": [[{"list": [{"secret": REDACTED}]}]],
        "headers": [["Set-Cookie", REDACTED], ["Accept", "b"]],
        "secretary": "b", "tokenized": "b", "author": "b",
    });
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn the_names_of_data_itself_count_too() {
    let entries = written(Redaction::default(), |log| {
        log.info("").with("session_id", 1).with("sessions", 1).with_display("db password", "x");
    });
    let values: Vec<_> = entries.await[0].data.iter().map(|(_, value)| value.clone()).collect();
    assert_eq!(values, [json!(REDACTED), json!(1), json!(REDACTED)]);
}

#[tokio::test]
async fn names_can_be_added_and_taken_away() {
    let redaction = Redaction::default().with_name("Straße").without_name("TOKEN");
    let given = json!({"STRASSE": 1, "haus_straße": 1, "HAUSSTRAßE": 1, "token": 1});
    let expected =
        json!({"STRASSE": 1, "haus_straße": REDACTED, "HAUSSTRAßE": REDACTED, "token": 1});
    assert_eq!(value(redaction, given).await, expected);
    let given = json!({"password": "a", "text": "password=a 4111111111111111"});
    assert_eq!(value(Redaction::none(), given.clone()).await, given);
}

#[tokio::test]
async fn emails_are_found() {
    become_so(
        Redaction::none().with(Sensitive::Emails),
        &[
            ("ada@example.com", "[redacted]"),
            ("to <Ada.Byron+x@mail.EXAMPLE.co.uk>, bob@b.de.", "to <[redacted]>, [redacted]."),
            ("mailto:o'neil_1%2@a-b.io?x", "mailto:[redacted]?x"),
            ("?to=ada%40example.com&x", "?to=[redacted]&x"),
            ("jürgen@müller.de ü", "[redacted] ü"),
            ("李@例子.广告", "[redacted]"),
            ("a@b@c.de", "a@[redacted]"),
            ("@ada @b.de a@ a@localhost 3 @ 4.5", "@ada @b.de a@ a@localhost 3 @ 4.5"),
        ],
    )
    .await;
}

#[tokio::test]
async fn phone_numbers_are_found() {
    become_so(
        Redaction::none().with(Sensitive::PhoneNumbers),
        &[
            ("call +44 20 7946 0958 now", "call [redacted] now"),
            ("(555) 010-9999", "[redacted]"),
            ("555.010.9999x12", "[redacted]x12"),
            ("tel:+1-555-010-9999,0171/5550199", "tel:[redacted],[redacted]"),
            ("5550109999 and 15550109999", "[redacted] and [redacted]"),
            ("+49\u{a0}30\u{a0}901820", "[redacted]"),
            ("0171 5550199 0171 5550198", "[redacted]"),
            ("2026-11-21 18:46:56 took 1234 ms", "2026-11-21 18:46:56 took 1234 ms"),
            ("at 1763750816, 1763750816123", "at 1763750816, 1763750816123"),
            ("550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000"),
            ("a005e00000AbCdEAAV 200 of 10000", "a005e00000AbCdEAAV 200 of 10000"),
        ],
    )
    .await;
}

#[tokio::test]
async fn card_numbers_are_found_by_their_check_digit() {
    become_so(
        Redaction::none().with(Sensitive::CardNumbers),
        &[
            ("4111111111111111", "[redacted]"),
            ("card:4111 1111 1111 1111 exp 12/26", "card:[redacted] exp 12/26"),
            ("5500-0000-0000-0004 12", "[redacted] 12"),
            ("12 3400\u{a0}000000\u{a0}00009", "12 [redacted]"),
            ("n４１１１１１１１１１１１１１１１", "n[redacted]"),
            ("4111111111111112 4111 1111", "4111111111111112 4111 1111"),
            ("1763750816123456789", "1763750816123456789"),
        ],
    )
    .await;
    let shown = value(Redaction::default(), json!([4_111_111_111_111_111_u64, 1])).await;
    assert_eq!(shown, json!([REDACTED, 1]));
}

#[tokio::test]
async fn secrets_are_found_by_their_look_and_by_the_name_before_them() {
    become_so(
        Redaction::default(),
        &[
            ("sent Bearer abc.def-123/x== to", "sent Bearer [redacted] to"),
            ("BEARER   abcdefgh, basic dXNlcjpwYXNz", "BEARER   [redacted], basic [redacted]"),
            ("Authorization: Bearer abc", "Authorization: [redacted]"),
            ("key sk-proj-0123456789abcdef!", "key [redacted]!"),
            ("(ghp_0123456789abcdefABCD)", "([redacted])"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "[redacted]"),
            ("sid 00D5e000000AbCd!AQEAQPbcdefghijklmnop.x", "sid [redacted]"),
            ("postgres://ada:s3cr:t@db/x", "postgres://ada:[redacted]@db/x"),
            ("GET /?a=1&api_key=abc&b=2", "GET /?a=1&api_key=[redacted]&b=2"),
            ("password=hunter2 Password : x", "password=[redacted] Password : [redacted]"),
            (
                "API key: abc; my secret => 'x y' z",
                "API key: [redacted]; my secret => '[redacted]' z",
            ),
            (r#"{"token": "a b\" c", "n": 1}"#, r#"{"token": "[redacted]", "n": 1}"#),
            (r#"{\"token\":\"abc\",\"n\":1}"#, r#"{\"token\":\"[redacted]\",\"n\":1}"#),
            ("passwört=x, пароль token=ключ ✓", "passwört=x, пароль token=[redacted] ✓"),
            ("basic understanding of std::token::Kind", "basic understanding of std::token::Kind"),
            ("https://example.com:8080/a@b", "https://example.com:8080/a@b"),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_debug_prints_is_redacted_by_name() {
    #[derive(Debug)]
    #[expect(dead_code, reason = "it is only printed")]
    struct Login {
        password: Option<&'static str>,
        user: u8,
    }
    let login = Login { password: Some("hunter2"), user: 7 };
    become_so(
        Redaction::default(),
        &[
            (&format!("{login:?}"), r#"Login { password: Some("[redacted]"), user: 7 }"#),
            (
                &format!("{login:#?}"),
                "Login {\n    password: Some(\n        \"[redacted]\",\n    ),\n    user: 7,\n}",
            ),
            (r#"Token("hunter2") ok"#, r#"Token("[redacted]") ok"#),
            (r#"Login(Token(Some("hunter2")))"#, r#"Login(Token(Some("[redacted]")))"#),
            (r#"{\"token\": Text(\"hunter2\")}"#, r#"{\"token\": Text(\"[redacted]\")}"#),
            (r#"{"Password__c": Text("hunter2")}"#, r#"{"Password__c": Text("[redacted]")}"#),
            (r#"password: b"hunter2", n"#, r#"password: b"[redacted]", n"#),
            ("pwd: Some(\n    1234,\n)", "pwd: [redacted],\n)"),
            (r#"[("password", "hunter2")]"#, r#"[("password", "[redacted]")]"#),
            ("(\n  \"cvv\",\n  123,\n)", "(\n  \"cvv\",\n  [redacted],\n)"),
            (
                r#"the token (of "Ada") and "token", too"#,
                r#"the token (of "Ada") and "token", too"#,
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn all_cookies_and_the_bodies_of_private_keys_are_redacted() {
    become_so(
        Redaction::default(),
        &[
            ("Cookie: a=b; auth=hunter2; sid=1\nAccept: x", "Cookie: [redacted]\nAccept: x"),
            (r#"{"set-cookie": "a=b; auth=1", "n": 1}"#, r#"{"set-cookie": "[redacted]", "n": 1}"#),
            (
                "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- ok",
                "-----BEGIN PRIVATE KEY-----[redacted]-----END PRIVATE KEY----- ok",
            ),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "-----BEGIN RSA PRIVATE KEY-----[redacted]"),
            ("-----BEGIN CERTIFICATE-----\nMIIE", "-----BEGIN CERTIFICATE-----\nMIIE"),
        ],
    )
    .await;
}

#[tokio::test]
async fn names_beside_their_values_are_known_in_data() {
    let given = json!({
        "headers": [{"name": "Authorization", "value": "a"}, {"Key": "Accept", "Value": "b"}],
        "tuples": [["password", "a", 3], [1, "db_password", "a"], ["user", "b", 3]],
        "cards": [4_111_111_111_111_111.0, 4_111_111_111_111_112.0, 4e40, 4.5],
    });
    let expected = json!({
        "headers": [{"name": "Authorization", "value": REDACTED}, {"Key": "Accept", "Value": "b"}],
        "tuples": [["password", REDACTED, 3], [1, "db_password", REDACTED], ["user", "b", 3]],
        "cards": [REDACTED, 4_111_111_111_111_112.0, 4e40, 4.5],
    });
    assert_eq!(value(Redaction::default(), given).await, expected);
}

#[tokio::test]
async fn a_finder_of_ones_own_is_asked_until_it_finds_nothing() {
    let redaction = Redaction::none().with_finder(|text| text.find('ß').map(|at| at..at + 1));
    assert_eq!(message(redaction, "aßbß").await, "a[redacted]b[redacted]");
    let wild = Redaction::none().with_finder(|text| Some(1..text.len().saturating_mul(9)));
    assert_eq!(message(wild, "äbc").await, "[redacted]");
    let stuck = Redaction::none().with_finder(|_| Some(0..0));
    assert_eq!(message(stuck, "abc").await, "abc");
}

#[tokio::test]
async fn no_sink_sees_what_is_redacted() {
    let sink = MemorySink::default();
    let builder = builder([]).backend(circuit_db::Memory::new()).log_sink(sink.clone());
    let run = |execution: circuit_core::Execution| async move {
        execution.log().info("token=abc").with("pwd", "abc");
        Err::<(), _>(circuit_core::Error::new(circuit_core::ErrorKind::Handler, "no"))
    };
    let error = builder.build().unwrap().run(run).await.unwrap_err();
    assert!(!format!("{:?} {:?}", sink.entries(), error.log()).contains("abc"));
}

#[tokio::test]
async fn reports_show_no_secret_of_origins_services_and_facts() {
    let circuit = builder([]).backend(circuit_db::Memory::new()).build().unwrap();
    let session = circuit
        .session()
        .with_origin(circuit_core::Quiddity::Webhook, "https://x/in?token=hunter2&a=1");
    let run = |execution: circuit_core::Execution| async move {
        assert_eq!(execution.cause().origin, "https://x/in?token=[redacted]&a=1");
        let callout = circuit_core::Callout::to("https://y/?api_key=hunter2");
        execution.callout(callout, async {}).await?;
        let error = circuit_core::Error::new(circuit_core::ErrorKind::Handler, "no");
        Err::<(), _>(error.with("password", "hunter2"))
    };
    let error = session.run(run).await.unwrap_err();
    let report = error.report().unwrap();
    assert_eq!(report.origin, "https://x/in?token=[redacted]&a=1");
    assert_eq!(report.steps[0].name, "https://y/?api_key=[redacted]");
    let failure = report.error.as_ref().unwrap();
    assert!(failure.facts.iter().any(|(name, value)| name == "password" && value == REDACTED));
    assert!(!format!("{report:?}").contains("hunter2"));
}

#[tokio::test]
async fn texts_made_to_be_slow_are_looked_through_in_linear_time() {
    let redaction = Redaction::default().with(Sensitive::Emails).with(Sensitive::PhoneNumbers);
    let start = Instant::now();
    for part in [
        "a@",
        "a%40",
        "%",
        "@",
        "4 ",
        "4",
        "+1 ",
        "(",
        "0 ",
        "00D",
        "password=",
        "password= ",
        "= ",
        ": ",
        "\"",
        "password=\"",
        "://",
        "://a:b",
        "bearer ",
        "basic a-",
        "sk-",
        "eyJ",
        "token:'\\",
        "ß=",
        ".",
        "token(",
        "token:a(",
        "token( ",
        "token(\"\"",
        "\"token\",",
        "token=b\\",
        "cookie:",
        "cookie: \"\"\n",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----",
    ] {
        let text = part.repeat((1 << 18) / part.len());
        message(redaction.clone(), &text).await;
    }
    // A pattern that looked over the rest at each `(` took 42 s for an eighth of this.
    assert!(start.elapsed() < Duration::from_mins(1), "{:?}", start.elapsed());
}

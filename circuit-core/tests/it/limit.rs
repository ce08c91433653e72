//! Limits as data, budgets of handlers, and what is told about use.

use circuit_core::{
    DynamicSoql, ErrorKind, HandlerError, Limit, LimitPolicy, Limits, MemorySource, Profile, Query,
    Record, TriggerEvent, TriggerRegistration,
};
use circuit_db::Memory;

use crate::support::{builder, circuit, contacts, on};

/// A handler that asks so many queries.
fn asks(name: &'static str, object: &'static str, count: usize) -> TriggerRegistration {
    TriggerRegistration::new(object, [TriggerEvent::AfterInsert], name, move |ctx| {
        Box::pin(async move {
            for _ in 0..count {
                ctx.count(Query::of("Task")).await?;
            }
            Ok(())
        })
    })
}

#[test]
fn each_profile_tells_its_source_and_date() {
    for profile in Profile::ALL {
        assert!(!profile.source.is_empty() && profile.date.starts_with("20"), "{profile}");
        assert_eq!(profile.limits().profile().name, profile.name);
        let stored = serde_json::to_string(&profile.limits()).unwrap();
        assert_eq!(serde_json::from_str::<Limits>(&stored).unwrap(), profile.limits());
    }
    assert_eq!(Limits::apex_v67().limit_heap_size(), 6_000_000);
    assert_eq!(Limits::apex_v68().limit_heap_size(), 10_000_000);
}

#[test]
fn an_unknown_limit_or_profile_names_the_nearest() {
    let error = serde_json::from_str::<Limits>(r#"{"quries": 1}"#).unwrap_err().to_string();
    assert!(error.contains("unknown limit `quries`; did you mean `queries`?"), "{error}");
    let error = serde_json::from_str::<Limits>(r#"{"profile": "apex_v76"}"#).unwrap_err();
    assert!(error.to_string().contains("did you mean `apex_v67`?"), "{error}");
}

#[test]
fn a_tenant_of_an_unknown_tier_is_an_error_that_names_both() {
    let data = r#"{"tiers": {"trial": {}}, "tenants": {"acme": {"tier": "trail"}}}"#;
    let error = serde_json::from_str::<LimitPolicy>(data).unwrap_err().to_string();
    assert!(error.contains("tenant `acme`: no tier `trail`; known: trial"), "{error}");
}

#[tokio::test]
async fn a_tenant_has_its_own_limits_and_a_session_may_set_others() {
    let policy = LimitPolicy::default()
        .with_tenant("small", Limits::circuit().with_limit_dml_rows(1))
        .with_tier("large", Limits::circuit().with_limit_dml_rows(3));
    let large = policy.tier("large").unwrap().clone();
    let circuit = builder([]).backend(Memory::new()).limits(policy).build().unwrap();
    circuit.session().with_tenant("other").insert(contacts(2)).await.unwrap();
    let small = circuit.session().with_tenant("small");
    assert!(small.insert(contacts(2)).await.unwrap_err().is_limit_exceeded());
    small.with_limits(large).insert(contacts(2)).await.unwrap();
}

#[tokio::test]
async fn a_handlers_own_budget_ends_it_and_no_other() {
    let frugal = asks("frugal", "Contact", 3).with_limit(Limit::Queries, 2);
    let other = asks("other", "Account", 3);
    let circuit = circuit([frugal, other]);
    circuit.insert(vec![Record::new("Account")]).await.unwrap();
    let error = circuit.insert(contacts(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    assert_eq!((error.context("used"), error.context("limit")), (Some("3"), Some("2")));
    assert_eq!(error.context("handler"), Some("frugal"));
    assert_eq!(error.context("budget"), Some("the handler's own"));
}

#[tokio::test]
async fn a_budget_counts_all_calls_of_the_handler_in_the_execution() {
    let frugal = asks("frugal", "Contact", 1).with_limit(Limit::Queries, 2);
    let circuit = circuit([frugal]);
    let twice = |count| {
        circuit.run(move |execution| async move {
            for _ in 0..count {
                execution.insert(contacts(1)).await?;
            }
            Ok(())
        })
    };
    twice(2).await.unwrap();
    assert!(twice(3).await.unwrap_err().is_limit_exceeded());
}

#[tokio::test]
async fn a_handler_sees_what_is_used_and_what_is_left() {
    let looks = on("Contact", TriggerEvent::AfterInsert, "looks", |ctx| {
        let rows = ctx.limits().of(Limit::DmlRows);
        let seen = (rows.used, rows.most, rows.remaining(), rows.share());
        if seen == (5, 20, 15, 0.25) { Ok(()) } else { Err(HandlerError::msg(format!("{seen:?}"))) }
    });
    let limits = Limits::circuit().with_limit_dml_rows(20);
    let circuit = builder([looks]).backend(Memory::new()).limits(limits).build().unwrap();
    circuit.insert(contacts(5)).await.unwrap();
}

#[tokio::test]
async fn use_is_told_per_chain_of_causes() {
    let chain = |from: &'static str, to: &'static str, name: &'static str| {
        TriggerRegistration::new(from, [TriggerEvent::AfterInsert], name, move |ctx| {
            Box::pin(async move {
                ctx.insert(vec![Record::new(to)]).await?;
                Ok(())
            })
        })
    };
    let handlers = [
        chain("Contact", "Task", "contact_to_task"),
        chain("Account", "Task", "account_to_task"),
        asks("counts", "Task", 2),
    ];
    let circuit = circuit(handlers);
    let run = circuit.run(async |execution: circuit_core::Execution| {
        execution.insert(contacts(1)).await?;
        execution.insert(vec![Record::new("Account")]).await?;
        Ok(())
    });
    let outcome = run.await.unwrap();
    let usage = outcome.usage();
    let queries: Vec<String> = usage
        .causes()
        .filter(|cause| cause.of(Limit::Queries) > 0)
        .map(|cause| {
            let path: Vec<&str> = cause.path().map(circuit_core::Text::as_str).collect();
            format!("{} {}", path.join(" < "), cause.of(Limit::Queries))
        })
        .collect();
    let expected = ["counts < contact_to_task < host 2", "counts < account_to_task < host 2"];
    assert_eq!(queries, expected);
    assert_eq!(usage.by_handler("counts", Limit::Queries), 4);
}

#[tokio::test]
async fn the_table_has_a_line_for_each_limit_that_was_touched() {
    let outcome = circuit([asks("counts", "Contact", 2)]).insert(contacts(3)).await.unwrap();
    let table = outcome.usage().table(&Limits::circuit()).to_string();
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.contains("processor") && !line.contains("bytes"))
        .collect();
    let expected = [
        "limit used most share host counts",
        "queries 2 100 2 % 0 2",
        "query rows 2 50000 0 % 0 2",
        "DML statements 1 150 1 % 1 0",
        "DML rows 3 10000 0 % 3 0",
        "levels of triggers 1 16 6 % 1 0",
    ];
    assert_eq!(lines, expected, "{table}");
}

#[tokio::test]
async fn memory_is_estimated_where_the_allocator_does_not_count() {
    let hoards = on("Contact", TriggerEvent::AfterInsert, "idle", |_| Ok(()));
    let limits = Limits::circuit().with_limit_heap_size(3_000_000);
    let circuit = builder([hoards]).backend(Memory::new()).limits(limits).build().unwrap();
    let megabytes = |count: usize| {
        circuit.run(move |execution| async move {
            for _ in 0..count {
                let note = "x".repeat(1_000_000);
                execution.insert(vec![Record::new("Contact").with("Note", note)]).await?;
            }
            Ok(())
        })
    };
    let outcome = megabytes(2).await.unwrap();
    assert_eq!(outcome.usage().memory_source(), MemorySource::Estimated);
    assert!((2_000_000..2_010_000).contains(&outcome.usage().heap_size()));
    let error = megabytes(3).await.unwrap_err();
    assert!(error.message().contains("bytes of memory"), "{error}");
}

#[tokio::test]
async fn what_a_query_found_is_held_until_its_handler_returns() {
    let reads = TriggerRegistration::new("Task", [TriggerEvent::AfterInsert], "reads", |ctx| {
        Box::pin(async move {
            let notes = DynamicSoql::parse("SELECT Note FROM Contact")?;
            ctx.query::<Record>(notes).await?;
            Ok(())
        })
    });
    let limits = Limits::circuit().with_limit_heap_size(2_500_000);
    let circuit = builder([reads]).backend(Memory::new()).limits(limits).build().unwrap();
    let note = "x".repeat(1_000_000);
    circuit.insert(vec![Record::new("Contact").with("Note", note.as_str())]).await.unwrap();
    let run = circuit.run(async |execution: circuit_core::Execution| {
        for _ in 0..4 {
            execution.insert(vec![Record::new("Task")]).await?;
        }
        Ok(())
    });
    let held = run.await.unwrap().usage().heap_size();
    assert!((1_000_000..1_100_000).contains(&held), "{held}");
}

#[tokio::test]
async fn sub_queries_have_a_limit_of_their_own() {
    let limits = Limits::circuit().with_limit_sub_queries(1);
    let schema = circuit_core::ObjectSchema::new("Contact").with_field(
        circuit_core::FieldSchema::new("AccountId", circuit_core::FieldType::Id)
            .with_reference("Account", circuit_core::OnDelete::Clear),
    );
    let store = Memory::builder().schema(schema).build().unwrap();
    let circuit = builder([]).backend(store).limits(limits).build().unwrap();
    let one = DynamicSoql::parse("SELECT Id, (SELECT Id FROM Contacts) FROM Account").unwrap();
    circuit.query::<Record>(one).await.unwrap();
    let run = circuit.run(async |execution: circuit_core::Execution| {
        for _ in 0..2 {
            let one = DynamicSoql::parse("SELECT Id, (SELECT Id FROM Contacts) FROM Account")?;
            execution.query::<Record>(one).await?;
        }
        Ok(())
    });
    let error = run.await.unwrap_err();
    assert!(error.message().contains("sub-queries"), "{error}");
}

#[tokio::test]
async fn entries_of_the_log_count_as_memory_where_it_is_estimated() {
    let limits = Limits::circuit().with_limit_heap_size(100_000);
    let circuit = builder([]).backend(Memory::new()).limits(limits).build().unwrap();
    let run = circuit.run(async |execution: circuit_core::Execution| {
        for _ in 0..20 {
            execution.log().info("x".repeat(8_000));
        }
        Ok(())
    });
    let error = run.await.unwrap_err();
    assert!(error.message().contains("bytes of memory"), "{error}");
    assert!(!error.log().is_empty());
}

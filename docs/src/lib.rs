//! The pages of `docs/`, a module each: their Rust blocks are compiled and run as tests.

macro_rules! pages {
    ($($module:ident = $page:literal,)+) => {$(
        #[doc = include_str!(concat!("../", $page))]
        pub mod $module {}
    )+};
}

pages! {
    readme = "../README.md",
    architecture = "architecture.md",
    order_of_execution = "order-of-execution.md",
    apex_differences = "apex-differences.md",
    conformance = "conformance.md",
    performance = "performance.md",
    circuitdb = "design/circuitdb.md",
    soql_macro = "design/soql-macro.md",
    first_trigger = "guide/first-trigger.md",
    metrics = "guide/metrics.md",
    operations = "guide/operations.md",
    sinks = "guide/sinks.md",
    logging = "guide/logging.md",
    soql = "guide/soql.md",
    governor = "guide/governor.md",
    reports = "guide/reports.md",
    c0001 = "errors/C0001.md",
    c0002 = "errors/C0002.md",
    c0003 = "errors/C0003.md",
    c0004 = "errors/C0004.md",
    c0005 = "errors/C0005.md",
    c0006 = "errors/C0006.md",
    c0007 = "errors/C0007.md",
    c0008 = "errors/C0008.md",
    c0009 = "errors/C0009.md",
    c0010 = "errors/C0010.md",
    c0011 = "errors/C0011.md",
    c0012 = "errors/C0012.md",
    c0013 = "errors/C0013.md",
    c0014 = "errors/C0014.md",
    c0015 = "errors/C0015.md",
    c0016 = "errors/C0016.md",
    c0017 = "errors/C0017.md",
    c0018 = "errors/C0018.md",
    c0019 = "errors/C0019.md",
    c0020 = "errors/C0020.md",
}

use super::*;

#[test]
fn names_are_found_in_any_case_and_near_misses_named() {
    assert_eq!(find("CIDRMATCH").unwrap().name, "cidrMatch");
    assert_eq!(nearest("startWith").unwrap().name, "startsWith");
    assert_eq!(nearest("lenght").unwrap().name, "length");
    assert!(nearest("geoDistance").is_none());
    assert!(nearest(&"x".repeat(100_000)).is_none());
    assert!(ALL.is_sorted_by_key(|function| function.name));
}

/// Reads `name(argument, …)` and computes it.
fn value(call: &str) -> String {
    let query = crate::eql::parse(&format!("any where {call} == 0")).expect(call);
    let crate::eql::ast::Body::Event(event) = query.body else { panic!("{call}") };
    let crate::eql::ast::ExprKind::Compare { left, .. } = &event.condition.node else { panic!("{call}") };
    let crate::eql::ast::ExprKind::Call(call) = &left.node else { panic!("not a call") };
    let arguments: Vec<Scalar<'_>> = call
        .arguments
        .iter()
        .map(|argument| match &argument.node {
            crate::eql::ast::ExprKind::Literal(literal) => Scalar::constant(literal),
            other => panic!("{other} is not constant"),
        })
        .collect();
    let value = call.function.call(&arguments, call.case);
    value.as_text().map_or_else(|| "null".to_owned(), std::borrow::Cow::into_owned)
}

#[test]
fn functions_compute_what_elasticsearch_computes() {
    for (call, expected) in [
        ("add(1, 2)", "3"),
        ("add(1, 0.5)", "1.5"),
        ("subtract(1, -2)", "3"),
        ("multiply(6, 5)", "30"),
        ("divide(7, 2)", "3"),
        ("divide(-7, 2)", "-3"),
        ("divide(30, 4.0)", "7.5"),
        ("divide(1, 0)", "null"),
        ("modulo(-7, 3)", "-1"),
        ("modulo(7, -3)", "1"),
        ("modulo(1, 0)", "null"),
        ("add(null, 2)", "null"),
        ("length(\"a\u{e9}\u{1f600}\")", "4"),
        ("length(\"\")", "0"),
        ("substring(\"explorer.exe\", 1, 3)", "xp"),
        ("substring(\"explorer.exe\", -4)", ".exe"),
        ("substring(\"explorer.exe\", -4, -1)", ".ex"),
        ("substring(\"abc\", 5)", ""),
        ("substring(\"abc\", 2, 1)", ""),
        ("substring(\"abc\", -9, 9)", "abc"),
        ("substring(\"\u{e9}\u{1f600}x\", 1, 3)", "\u{1f600}"),
        ("between(\"system idle process\", \"s\", \"e\")", "yst"),
        ("between(\"System Idle Process\", \"S\", \"e\", true)", "ystem Idle Proc"),
        ("between~(\"System\", \"s\", \"E\", false)", "yst"),
        ("between(\"abc\", \"x\", \"c\")", ""),
        ("between(\"abc\", \"\", \"c\")", "abc"),
        ("between(\"\", \"\", \"\")", ""),
        ("indexOf(\"explorer.exe\", \"plorer.\", 2)", "2"),
        ("indexOf(\"explorer.exe\", \"plorer.\", 4)", "null"),
        ("indexOf(\"abc\", \"b\", -5)", "1"),
        ("indexOf(\"abc\", \"b\", 100)", "null"),
        ("indexOf~(\"aBc\", \"bC\")", "1"),
        ("indexOf(\"\u{1f600}b\", \"b\")", "2"),
        ("startsWith(\"abc\", \"ab\")", "true"),
        ("startsWith(\"abc\", \"AB\")", "false"),
        ("endsWith~(\"abc\", \"BC\")", "true"),
        ("stringContains~(\"abcd\", \"BC\")", "true"),
        ("stringContains(\"abcd\", \"\")", "false"),
        ("concat(5, \":\", \"x\", 3.0, true)", "5:x3.0true"),
        ("concat(5, null)", "null"),
        ("string(5)", "5"),
        ("number(\"5\")", "5"),
        ("number(\"0x32\", 16)", "50"),
        ("number(\"32\", 16)", "50"),
        ("number(\"0x32\")", "50"),
        ("number(\"1.5\")", "1.5"),
        ("number(\"x\")", "null"),
        ("number(\"\")", "null"),
        ("cidrMatch(\"10.1.2.3\", \"192.168.0.0/16\", \"10.0.0.0/8\")", "true"),
        ("cidrMatch(\"no address\", \"0.0.0.0/0\")", "false"),
    ] {
        assert_eq!(value(call), expected, "{call}");
    }
}

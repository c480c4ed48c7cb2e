use proptest::prelude::*;

use super::*;
use crate::eql::ast::{
    ArithmeticOp, Body, Call, Case, Category, CompareOp, EventFilter, Expr, ExprKind, Field, Item,
    KeyedFilter, Literal, MatchOp, Pipe, SequenceQuery,
};
use crate::eql::functions;

fn printed(text: &str) -> String {
    match parse(text) {
        Ok(query) => query.to_string(),
        Err(problems) => {
            panic!("{text}\n{problems:?}")
        }
    }
}

/// The first diagnostic's message and help.
fn refusal(text: &str) -> String {
    match parse(text) {
        Ok(query) => panic!("{text} was read as {query}"),
        Err(problems) => format!("{}; {}", problems[0].message, problems[0].help.clone().unwrap_or_default()),
    }
}

#[test]
fn precedence_is_elasticsearchs() {
    for (text, expected) in [
        ("any where not a == 1 and b or c", "any where not a == 1 and b or c"),
        ("any where (not (a == 1) and b) or c", "any where not a == 1 and b or c"),
        ("any where not (a == 1 and b)", "any where not (a == 1 and b)"),
        ("any where (a or b) and c", "any where (a or b) and c"),
        ("any where a + 2 * 3 == (a + 2) * 3 - -b", "any where a + 2 * 3 == (a + 2) * 3 - -b"),
        ("any where a - (b - c) > 0", "any where a - (b - c) > 0"),
        ("any where 5 < x", "any where x > 5"),
        ("any where null == (x > -1)", "any where (x > -1) == null"),
        ("any where a and (b and c) and d", "any where a and b and c and d"),
        ("any where x not in (1, -2.5)", "any where not x in (1, -2.5)"),
    ] {
        assert_eq!(printed(text), expected);
        assert_eq!(printed(expected), expected);
    }
}

#[test]
fn every_form_of_the_language_is_read() {
    for (text, expected) in [
        (r#""my cat" where ?a.b : "x*""#, r#""my cat" where ?a.b : ("x*")"#),
        (r"any where `a-b`.c == @timestamp", r"any where `a-b.c` == @timestamp"),
        (r#"any where a like~ ("b", "c")"#, r#"any where a : ("b", "c")"#),
        (r#"any where a regex """\d+""""#, r#"any where a regex ("\\d+")"#),
        (r#"any where STARTSWITH~(a, "b")"#, r#"any where startsWith~(a, "b")"#),
        (
            r"any where file.sequence == 1 | head 3 | tail 2",
            r"any where `file.sequence` == 1 | head 3 | tail 2",
        ),
        (
            "sequence by a, ?b with maxspan=90s [x where true] by c ![y where false] by d with runs=3 until [z where 1 == 1] by e",
            "sequence by a, ?b with maxspan=90s [x where true] by c ![y where false] by d with runs=3 until [z where 1 == 1] by e",
        ),
        ("sample by host [a where true] [b where true]", "sample by host [a where true] [b where true]"),
        (
            "any where cidrmatch(source.ip, \"10.0.0.0/8\") /* c */ // d",
            "any where cidrMatch(source.ip, \"10.0.0.0/8\")",
        ),
    ] {
        assert_eq!(printed(text), expected);
    }
}

#[test]
fn refusals_name_the_remedy() {
    for (text, expected) in [
        ("any where a = 1", "use `==`"),
        ("any where a == 'x'", "use double quotes"),
        ("any where a AND b", "keywords are lower case: write `and`"),
        ("Sequence [a where b]", "keywords are lower case: write `sequence`"),
        ("process WHERE a", "keywords are lower case: write `where`"),
        ("any where a < b < c", "comparisons do not chain"),
        ("any where startWith(a, \"b\")", "did you mean `startsWith`?"),
        ("any where wildcard(a, \"b\")", "like~"),
        ("any where length~(a) > 1", "no `~` form"),
        ("any where length(a, b) > 1", "takes one argument"),
        ("any where a not : \"x\"", "write `not` before"),
        ("any where a[0] == 1", "array elements have no numbers"),
        ("any where a in (b)", "a constant"),
        ("any where true | sort a", "there are `head n` and `tail n`"),
        ("any where sequence == 1", "put it in backticks"),
        ("any where a : ", "the query ends here"),
        ("sequence with maxspan=5 [a where true] [b where true]", "write 5m"),
        ("sequence [a where true]", "two items or more"),
        ("sequence [a where true] ![b where true]", "needs a maxspan"),
        ("sequence with maxspan=1s ![a where true] ![b where true]", "an event that is there"),
        ("sequence [a where true] by x [b where true]", "as many join keys"),
        ("sequence [a where true] with runs=0 [b where true]", "from 1 to 100"),
        ("sample [a where true] [b where true]", "a join key"),
        ("sample by x [a where true] [b where true] | head 1", "samples have no pipes"),
        ("any where process of [x where true]", "not supported"),
        ("", "an event category"),
    ] {
        let found = match parse(text) {
            Err(problems) => problems
                .iter()
                .map(|p| format!("{} {} {}", p.message, p.label, p.help.clone().unwrap_or_default()))
                .collect::<String>(),
            Ok(query) => panic!("{text} was read as {query}"),
        };
        assert!(found.contains(expected), "{text}: {found}");
    }
}

#[test]
fn each_item_of_a_sequence_reports_its_own_error() {
    let problems = parse("sequence [a where x = 1] [b where true] [c where y = 2] by z").unwrap_err();
    assert_eq!(problems.len(), 2);
}

#[test]
fn depth_is_bounded_and_length_is_not() {
    let nested = |open: &str, count: usize, close: &str| {
        format!("any where {}true{}", open.repeat(count), close.repeat(count))
    };
    for (open, close) in [("(", ")"), ("not ", ""), ("length(", ")"), ("- ", "")] {
        assert!(parse(&nested(open, 250, close)).is_ok(), "{open}");
        assert!(refusal(&nested(open, 100_000, close)).contains("nests deeper"), "{open}");
    }
    assert!(refusal(&format!("any where 1{} > 0", " + 1".repeat(100_000))).contains("nests deeper"));
    for word in ["and", "or"] {
        let query = parse(&format!("any where a{}", format!(" {word} a").repeat(20_000))).unwrap();
        assert!(matches!(&query.body, Body::Event(event) if event.condition.children().count() == 20_001));
    }
    let list = vec!["\"x\""; 20_000].join(", ");
    assert!(parse(&format!("any where a in ({list})")).is_ok());
}

fn path() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z@_][a-z0-9_]{0,4}(\\.[a-z]{1,4}){0,2}", "[a-z`. -]{1,6}", Just("sequence".to_owned())]
}

fn field() -> impl Strategy<Value = Field> {
    (path(), any::<bool>()).prop_map(|(path, optional)| Field { path, optional })
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        any::<i64>().prop_map(Literal::Int),
        any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(Literal::Float),
        any::<String>().prop_map(Literal::Text),
    ]
}

fn spanned<T>(node: T) -> Spanned<T> {
    Spanned::new(node, Span::default())
}

fn call(arguments: &[Expr], index: usize, folds: bool) -> ExprKind {
    let function = functions::ALL[index % functions::ALL.len()];
    let case = if folds && function.folds { Case::Insensitive } else { Case::Sensitive };
    let arguments = arguments.iter().cloned().cycle().take(function.arity.0).collect();
    ExprKind::Call(Call { function, case, arguments })
}

/// Brings what the parser would turn or flatten into the parser's form.
fn normal(kind: ExprKind) -> Expr {
    let is_literal = |expr: &Expr| matches!(expr.node, ExprKind::Literal(_));
    spanned(match kind {
        ExprKind::Compare { op, left, right } if is_literal(&left) && !is_literal(&right) => {
            ExprKind::Compare { op: op.flipped(), left: right, right: left }
        }
        ExprKind::And(all) => ExprKind::And(
            all.into_iter().flat_map(|e| if let ExprKind::And(a) = e.node { a } else { vec![e] }).collect(),
        ),
        ExprKind::Or(all) => ExprKind::Or(
            all.into_iter().flat_map(|e| if let ExprKind::Or(a) = e.node { a } else { vec![e] }).collect(),
        ),
        other => other,
    })
}

fn expr() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![field().prop_map(ExprKind::Field), literal().prop_map(ExprKind::Literal)]
        .prop_map(spanned);
    leaf.prop_recursive(5, 60, 4, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        let compare = prop::sample::select(vec![CompareOp::Equal, CompareOp::NotEqual, CompareOp::Less]);
        let matching =
            prop::sample::select(vec![MatchOp::In, MatchOp::Like, MatchOp::LikeInsensitive, MatchOp::Regex]);
        let arithmetic =
            prop::sample::select(vec![ArithmeticOp::Add, ArithmeticOp::Subtract, ArithmeticOp::Modulo]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(ExprKind::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(ExprKind::Or),
            boxed.clone().prop_map(ExprKind::Not),
            boxed.clone().prop_map(ExprKind::Negate),
            (compare, boxed.clone(), boxed.clone()).prop_map(|(op, left, right)| ExprKind::Compare {
                op,
                left,
                right
            }),
            (arithmetic, boxed.clone(), boxed.clone()).prop_map(|(op, left, right)| ExprKind::Arithmetic {
                op,
                left,
                right
            }),
            (matching, boxed, prop::collection::vec(literal().prop_map(spanned), 1..4))
                .prop_map(|(op, subject, values)| ExprKind::Match { op, subject, values }),
            (prop::collection::vec(inner, 1..4), any::<usize>(), any::<bool>())
                .prop_map(|(arguments, index, folds)| call(&arguments, index, folds)),
        ]
        .prop_map(normal)
    })
}

fn event_filter() -> impl Strategy<Value = EventFilter> {
    let name = prop_oneof!["[a-z]{1,5}", any::<String>()].prop_map(Category::Named);
    (prop_oneof![Just(Category::Any), name], expr())
        .prop_map(|(category, condition)| EventFilter { category, condition })
}

fn query() -> impl Strategy<Value = Query> {
    let pipe =
        prop_oneof![any::<u64>().prop_map(Pipe::Head), any::<u64>().prop_map(Pipe::Tail)].prop_map(spanned);
    let item = (event_filter(), field(), 1..4_u32, any::<bool>()).prop_map(|(event, by, runs, missing)| {
        Item { filter: KeyedFilter { event: spanned(event), by: vec![spanned(by)] }, runs, missing }
    });
    let sequence = (1..10_000_000_u64, prop::collection::vec(item, 2..4)).prop_map(|(millis, mut items)| {
        items[0].missing = false;
        let maxspan = Some(std::time::Duration::from_millis(millis));
        Body::Sequence(SequenceQuery { by: Vec::new(), maxspan, items, until: None })
    });
    (prop_oneof![event_filter().prop_map(Body::Event), sequence], prop::collection::vec(pipe, 0..3))
        .prop_map(|(body, pipes)| Query { body, pipes })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back_the_same(query in query()) {
        let text = query.to_string();
        let read = parse(&text).map_err(|problems| TestCaseError::fail(format!("{text}\n{problems:?}")))?;
        prop_assert_eq!(read, query, "{}", text);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        prop_assert!(parse(&text).is_ok_and(|_| true) || parse(&text).is_err_and(|problems| !problems.is_empty()));
    }

    #[test]
    fn no_mixture_of_tokens_makes_the_parser_panic(
        words in prop::collection::vec(prop::sample::select(vec![
            "sequence", "by", "with", "maxspan=1s", "[", "]", "![", "any", "where", "not", "in", "(", ")", "a", "\"x\"",
            "1", "-", "==", ":", ",", "|", "head", "until", "runs", "=", "?", ".", "`", "\"\"\"", "length(", "~", "/*",
        ]), 0..40)
    ) {
        let text = words.join(" ");
        if let Err(problems) = parse(&text) {
            prop_assert!(!problems.is_empty());
            for problem in problems {
                prop_assert!(text.get(problem.span.range()).is_some());
            }
        }
    }
}

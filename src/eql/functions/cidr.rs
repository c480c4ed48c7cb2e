//! cidrMatch.

use super::{BadArgument, Function, Gives};
use crate::eql::ast::{Case, Literal};
use crate::eql::test::Test;
use crate::eql::value::{Block, Scalar, address};

pub(super) static CIDR_MATCH: Function = Function {
    name: "cidrMatch",
    arity: (2, usize::MAX),
    folds: false,
    gives: Gives::Boolean,
    apply,
    test: Some(test),
};

fn apply<'a>(arguments: &[Scalar<'a>], _: Case) -> Scalar<'a> {
    let Some((first, blocks)) = arguments.split_first() else { return Scalar::Null };
    let found = first.as_text().and_then(|text| address(&text)).is_some_and(|address| {
        let block = |block: &Scalar<'_>| block.as_text().and_then(|text| Block::parse(&text));
        blocks.iter().filter_map(block).any(|block| block.contains(address))
    });
    Scalar::Bool(found)
}

fn test(constants: &[&Literal], _: Case) -> Result<Test, BadArgument> {
    let block = |(index, literal): (usize, &&Literal)| match literal {
        Literal::Text(text) => Block::parse(text).ok_or_else(|| BadArgument {
            index,
            message: format!("`{text}` is neither a CIDR block nor an address"),
        }),
        other => {
            Err(BadArgument { index, message: format!("`{other}` is no CIDR block; write it in quotes") })
        }
    };
    let blocks: Result<Box<[Block]>, BadArgument> = constants.iter().enumerate().map(block).collect();
    blocks.map(Test::Blocks)
}

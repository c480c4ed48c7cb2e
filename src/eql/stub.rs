//! stub
use super::ast::*; use super::Diagnostic; use crate::event::{FieldSet,FieldId,Event,Value};
/// p
#[derive(Debug)] pub struct Program { f: EventFilter, cat: FieldId, map: std::collections::HashMap<String,FieldId> }
/// o
#[derive(Debug)] pub struct Options;
impl Options { /// x
 pub fn for_rule(_:Option<&str>)->Self{Options} }
fn visit(e:&Expr, s:&mut Program, fs:&mut FieldSet){ if let ExprKind::Field(f)=&e.node { s.map.insert(f.path.clone(), fs.intern(&f.path)); } for c in e.children(){visit(c,s,fs)} }
/// c
pub fn compile(q:&Query,_:&Options,fs:&mut FieldSet)->Result<Program,Vec<Diagnostic>>{ let Body::Event(f)=&q.body else {return Err(vec![])}; let mut p=Program{f:f.clone(),cat:fs.intern("event.category"),map:Default::default()}; visit(&f.condition,&mut p,fs); Ok(p)}
fn wild(p:&[u8],t:&[u8])->bool{ if p.is_empty(){return t.is_empty()} match p[0]{ b'*'=>(0..=t.len()).any(|i|wild(&p[1..],&t[i..])), c=>!t.is_empty()&&(c==b'?'||c.eq_ignore_ascii_case(&t[0]))&&wild(&p[1..],&t[1..])}}
impl Program { /// m
 pub fn matches(&self,e:&Event)->bool{ let c=match &self.f.category{Category::Any=>true,Category::Named(n)=>e.values(self.cat).any(|v|v==Value::Str(n))}; c&&self.ev(&self.f.condition,e)}
 fn ev(&self,x:&Expr,e:&Event)->bool{ match &x.node { ExprKind::And(v)=>v.iter().all(|x|self.ev(x,e)),ExprKind::Or(v)=>v.iter().any(|x|self.ev(x,e)),ExprKind::Not(v)=>!self.ev(v,e),
  ExprKind::Compare{op:CompareOp::Equal,left,right}=>{ let (ExprKind::Field(f),ExprKind::Literal(l))=(&left.node,&right.node) else {return false}; e.values(self.map[&f.path]).any(|v|match (v,l){(Value::Str(a),Literal::Text(b))=>a==b,(Value::Int(a),Literal::Int(b))=>a==*b,_=>false})}
  ExprKind::Match{op,subject,values}=>{let ExprKind::Field(f)=&subject.node else{return false}; e.values(self.map[&f.path]).any(|v|{let Value::Str(a)=v else {return false}; values.iter().any(|l|{let Literal::Text(b)=&l.node else{return false}; match op{MatchOp::In=>a==b,_=>wild(b.as_bytes(),a.as_bytes())}})})}
  _=>false}}
}

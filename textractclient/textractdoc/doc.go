// Package textractdoc makes documents of what Amazon Textract found: a response of Textract in;
// pages, tables, form fields, answers, expenses, Markdown and CSV out. It calls no AWS API.
//
// # Responses
//
// A [Response] is a response of a Get action, of a synchronous operation, or an object of an output
// bucket. Package [textractclient] returns the responses of a job; [ParseResponses] and
// [ParseResponse] decode saved ones. A document needs all responses of its job, and no others:
// [ErrIncomplete], [ErrSeveralDocuments].
//
// # Documents
//
// [Read] makes a [Document] of the responses of a job: lines, tables, form fields, answers to
// queries, expenses and more, each with the id of its block, its position on the page and its
// confidence. [Pages] does the same page by page, with a few pages in memory. [FromBlocks] takes
// the blocks alone.
//
// A document, a page or a table has other forms: [Document.Text], [Document.BodyText],
// [Document.Markdown], [Document.JoinedTables], [Table.CSV]. [Document.Below] lists what a person
// may have to look at. encoding/json encodes and decodes a [Document] and a [Page].
//
// [textractclient]: https://pkg.go.dev/github.com/cdk-textract/textractasync/textractclient
package textractdoc

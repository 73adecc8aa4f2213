package textractdoc

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// Answer is an answer to a query. A query without an answer has one with an empty ID and Text.
type Answer struct {
	// Query is the text of the query, and Alias the name of the query in the input.
	Query, Alias string
	// QueryID is the id of the query's block.
	QueryID string
	// ID is the id of the answer's block.
	ID string
	// Text is the answer.
	Text string
	// Confidence is in percent.
	Confidence float32
	Geometry   Geometry
}

// AnswersByAlias returns the page's answers to the queries with an alias.
func (p *Page) AnswersByAlias(alias string) []Answer {
	var answers []Answer
	for i := range p.Answers {
		if p.Answers[i].Alias == alias {
			answers = append(answers, p.Answers[i])
		}
	}
	return answers
}

func (b *blockIndex) answers() []Answer {
	var answers []Answer
	for _, block := range b.blocks {
		if block.BlockType != types.BlockTypeQuery {
			continue
		}
		question := Answer{QueryID: aws.ToString(block.Id)}
		if block.Query != nil {
			question.Query, question.Alias = aws.ToString(block.Query.Text), aws.ToString(block.Query.Alias)
		}
		results := b.related(block, types.RelationshipTypeAnswer)
		if len(results) == 0 {
			answers = append(answers, question)
		}
		for _, result := range results {
			b.placed[result] = true
			answers = append(answers, question.with(result))
		}
	}
	for _, block := range b.blocks { // the question may be on another page, or missing
		if block.BlockType == types.BlockTypeQueryResult && !b.placed[block] {
			answers = append(answers, Answer{}.with(block))
		}
	}
	return answers
}

func (a Answer) with(result *types.Block) Answer {
	a.ID, a.Text = aws.ToString(result.Id), aws.ToString(result.Text)
	a.Confidence, a.Geometry = aws.ToFloat32(result.Confidence), newGeometry(result.Geometry)
	return a
}

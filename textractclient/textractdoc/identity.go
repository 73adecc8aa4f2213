package textractdoc

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// Identity is an identity document, such as a driver's license.
type Identity struct {
	// Index is the number of the identity document in the document, from 1.
	Index int
	// Fields are its fields.
	Fields []IdentityField
}

// IdentityField is a field of an identity document.
type IdentityField struct {
	// Type is Textract's name of the field, such as FIRST_NAME.
	Type string
	// Value is the text. Normalized is the date in it, in the form 2006-01-02T15:04:05, or empty.
	Value, Normalized string
	// The confidences are in percent. AnalyzeID returns a field of each type that such a document
	// has: where Value is empty, ValueConfidence is how sure it is that the document has no value.
	TypeConfidence, ValueConfidence float32
}

// Text returns one line for each field: type, a tab, and value.
func (i *Identity) Text() string {
	var text strings.Builder
	for _, field := range i.Fields {
		text.WriteString(field.Type + "\t" + joinNonEmpty(oneLine(field.Value), field.Normalized) + "\n")
	}
	return text.String()
}

// addIdentity adds an identity document, to the page of its blocks.
func (a *assembler) addIdentity(document *types.IdentityDocument) {
	a.addBlocks(document.Blocks, 0)
	page := a.page(max(a.current, 1))
	page.identities = append(page.identities, newIdentity(document))
}

func newIdentity(document *types.IdentityDocument) Identity {
	identity := Identity{Index: int(aws.ToInt32(document.DocumentIndex))}
	for _, from := range document.IdentityDocumentFields {
		var field IdentityField
		if from.Type != nil {
			field.Type, field.TypeConfidence = aws.ToString(from.Type.Text), aws.ToFloat32(from.Type.Confidence)
		}
		if value := from.ValueDetection; value != nil {
			field.Value, field.ValueConfidence = aws.ToString(value.Text), aws.ToFloat32(value.Confidence)
			if value.NormalizedValue != nil {
				field.Normalized = aws.ToString(value.NormalizedValue.Value)
			}
		}
		identity.Fields = append(identity.Fields, field)
	}
	return identity
}

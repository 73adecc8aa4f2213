// Reads answers of Textract with AWS's parser for JavaScript.
//   node trp.mjs read FILE…      prints what it finds, one JSON line for each file
//   node trp.mjs bench FOLDER N  reads page-1.json … page-N.json of the folder, as one document, and prints time and memory
//   node trp.mjs loop URL MS     gets a job's responses one after the other, as the parser's own page shows, handles each
//                                for so many milliseconds, and reads them as one document
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { TextractDocument } from 'amazon-textract-response-parser'

// parse takes one answer or a list of answers.
function parse(answers) {
  return new TextractDocument(answers)
}

function listTable(table) {
  return {
    id: table.id,
    rows: table.listRows({ repeatMultiRowCells: false }).map((row) =>
      row.listCells().map((cell) => ({ row: cell.rowIndex, column: cell.columnIndex, text: cell.text })),
    ),
  }
}

function listPage(page) {
  return {
    lines: page.listLines().map((line) => line.text),
    tables: page.listTables().map(listTable),
    fields: page.form.listFields().map((field) => ({ key: field.key.text, value: field.value ? field.value.text : '' })),
    answers: page.queries.listQueries().flatMap((query) => {
      const results = query.listResultsByConfidence()
      return results.length === 0
        ? [{ query: query.text, answer: '' }]
        : results.map((result) => ({ query: query.text, answer: result.text }))
    }),
  }
}

const [mode, ...args] = process.argv.slice(2)
if (mode === 'read') {
  for (const file of args) {
    let found
    try {
      found = { pages: parse(JSON.parse(readFileSync(file, 'utf8'))).listPages().map(listPage) }
    } catch (error) {
      found = { error: String(error) }
    }
    process.stdout.write(JSON.stringify(found) + '\n')
  }
} else if (mode === 'loop') {
  const [url, milliseconds] = args
  const answers = []
  for (let token; answers.length === 0 || token; ) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'X-Amz-Target': 'Textract.GetDocumentTextDetection' },
      body: JSON.stringify({ JobId: '1234', NextToken: token }),
    })
    answers.push(await answer.json())
    token = answers[answers.length - 1].NextToken
    await new Promise((resolve) => setTimeout(resolve, Number(milliseconds)))
  }
  process.stdout.write(JSON.stringify({ pages: parse(answers).listPages().length }) + '\n')
} else {
  const [folder, pages] = args
  const begin = performance.now()
  const answers = []
  for (let i = 1; i <= Number(pages); i++) {
    answers.push(JSON.parse(readFileSync(join(folder, `page-${i}.json`), 'utf8')))
  }
  let lines = 0
  for (const page of parse(answers).listPages()) {
    lines += listPage(page).lines.length
  }
  const seconds = (performance.now() - begin) / 1000
  process.stdout.write(JSON.stringify({ seconds, megabytes: process.resourceUsage().maxRSS / 1000, lines }) + '\n')
}

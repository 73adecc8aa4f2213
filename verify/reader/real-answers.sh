#!/usr/bin/env bash
# Fetches the real answers of Textract that tests read, into build/real or the folder TEXTRACT_REAL_ANSWERS. They are from
# AWS's samples, whose documents and people are invented, and under the Apache License 2.0.
set -euo pipefail

folder=${TEXTRACT_REAL_ANSWERS:-$(dirname "$0")/../../build/real}
source=https://raw.githubusercontent.com/aws-samples
parser=$source/amazon-textract-response-parser/a9b44fee2aa9aecdc8fd59e1201a13d1164e8104
textractor=$source/amazon-textract-textractor/f34c34a6c75dd4675642e52c1bad5a6c0eaf8ee4

# fetch PREFIX URL FILE... stores each file of a folder under its name with a prefix.
fetch() {
  local prefix=$1 url=$2 file
  shift 2
  for file; do
    curl --fail --silent --show-error --retry 3 --output "$folder/$prefix$file" "$url/$file"
  done
}

mkdir -p "$folder"
fetch '' "$parser/src-js/test/data" \
  expense-missing-geoms-response.json \
  financial-document-response.json \
  invoice-expense-response.json \
  table-example-response.json \
  test-failed-response.json \
  test-inprogress-response.json \
  test-multicol-response-2.json \
  test-query-response.json \
  test-response.json \
  test-twocol-header-footer-response.json
fetch '' "$parser/src-python/tests/data" \
  all_features_with_floating_title_header.json \
  analyzeExpenseResponse-multipage.json \
  gib__180_degrees.json \
  gib__25_degrees.json \
  gib_multi_page_tables.json \
  in-table-title.json \
  lending-doc-output.json \
  lending-package-no-signature.json \
  multi-page-forms-samples-2-page.json \
  paystub_with_signature.json \
  queries_sample.json \
  tables_with_headers_and_merged_cells.json \
  tables_with_merged_cells_sample1.json \
  test_table_merged_text.json
fetch textractor- "$textractor/tests/fixtures/saved_api_responses" \
  test_analyze_expense_from_path.json \
  test_layout.json \
  test_signature.json \
  test_textractor_start_document_analysis_multipage_pdf_s3.json \
  test_textractor_start_document_text_detection.json
fetch textractor- "$textractor/prettyprinter/tests/data" \
  layout_csv_example.json \
  lending-doc-output_from_output_config.json

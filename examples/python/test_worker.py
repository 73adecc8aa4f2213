"""Tests of worker.py; python3 -m unittest runs them."""

import json
import os
import unittest
from unittest import mock

import worker

NOTIFICATION = {"JobId": "1234", "Status": "SUCCEEDED", "API": "StartDocumentTextDetection"}
RAW = json.dumps(NOTIFICATION)
ENVELOPE = json.dumps({"Type": "Notification", "Message": RAW})


@mock.patch.dict(os.environ, {"TEXTRACT_SNS_TOPIC_ARN": "t", "TEXTRACT_ROLE_ARN": "r", "TEXTRACT_QUEUE_URL": "q"})
class WorkerTest(unittest.TestCase):
    def test_both_forms(self):
        self.assertEqual(worker.from_envelope(ENVELOPE), NOTIFICATION)
        self.assertEqual(worker.from_raw(RAW), NOTIFICATION)

    def test_start_names_topic_and_role(self):
        textract = mock.Mock()
        textract.start_document_text_detection.return_value = {"JobId": "1234"}
        self.assertEqual(worker.start(textract, "documents", "form.pdf", "e1"), "1234")
        channel = textract.start_document_text_detection.call_args.kwargs["NotificationChannel"]
        self.assertEqual(channel, {"SNSTopicArn": "t", "RoleArn": "r"})

    def test_repeats_a_start_with_the_same_token(self):
        textract = mock.MagicMock()
        for etag in "e1", "e1", "e2":
            worker.start(textract, "documents", "form.pdf", etag)
        tokens = [call.kwargs["ClientRequestToken"] for call in textract.start_document_text_detection.call_args_list]
        self.assertEqual(tokens[0], tokens[1])
        self.assertNotEqual(tokens[0], tokens[2])
        self.assertRegex(tokens[0], "^[a-zA-Z0-9-_]{1,64}$")

    def test_deletes_what_was_handled(self):
        sqs, handled = mock.Mock(), []
        sqs.receive_message.return_value = {"Messages": [{"Body": ENVELOPE, "ReceiptHandle": "h"}]}
        worker.consume(sqs, handled.append)
        self.assertEqual(handled, [NOTIFICATION])
        sqs.delete_message.assert_called_once_with(QueueUrl="q", ReceiptHandle="h")

    def test_leaves_what_failed_and_nothing_else(self):
        sqs = mock.Mock()
        messages = [{"Body": RAW, "ReceiptHandle": handle} for handle in "abc"]
        sqs.receive_message.return_value = {"Messages": messages}
        with self.assertLogs(level="ERROR"):
            worker.consume(sqs, mock.Mock(side_effect=[None, RuntimeError, None]), worker.from_raw)
        deleted = [call.kwargs["ReceiptHandle"] for call in sqs.delete_message.call_args_list]
        self.assertEqual(deleted, ["a", "c"])


if __name__ == "__main__":
    unittest.main()

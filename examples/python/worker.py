"""Starts a job and handles its notification, in Python with boto3."""

import hashlib
import json
import logging
import os


# region start
def start(textract, bucket, key, etag):
    """Starts a job that publishes to the construct's topic; returns its JobId. A repeated call for the same ETag starts none."""
    token = hashlib.sha256(f"{bucket}/{key}/{etag}".encode()).hexdigest()  # 64 characters, as many as Textract takes
    job = textract.start_document_text_detection(
        ClientRequestToken=token,
        DocumentLocation={"S3Object": {"Bucket": bucket, "Name": key}},
        NotificationChannel={
            "SNSTopicArn": os.environ["TEXTRACT_SNS_TOPIC_ARN"],
            "RoleArn": os.environ["TEXTRACT_ROLE_ARN"],
        },
    )
    return job["JobId"]
# endregion


# region envelope
def from_envelope(body):
    """Returns Textract's notification from the SNS envelope, the default."""
    return json.loads(json.loads(body)["Message"])
# endregion


# region raw
def from_raw(body):
    """Returns Textract's notification, with RawMessageDelivery."""
    return json.loads(body)
# endregion


# region consume
def consume(sqs, handle, parse=from_envelope):
    """Calls handle once for each notification that it receives; an exception leaves that message in the queue, and no other."""
    queue = os.environ["TEXTRACT_QUEUE_URL"]
    answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=20)
    for message in answer.get("Messages", []):
        try:
            handle(parse(message["Body"]))  # ["JobId"], ["Status"], ["API"]: dispatch on them
        except Exception:
            logging.exception("not handled, the message is received again after the visibility timeout")
            continue
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
# endregion

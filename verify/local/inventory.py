"""Lists everything that the sample makes, whatever stack it belongs to, one line each: its kind, and its name or id.

Usage: inventory.py [KIND]

It asks the AWS API at AWS_ENDPOINT_URL. A key that is pending deletion is not listed: KMS deletes none at once.
"""

import sys

import boto3

# Kind, service, operation and its arguments, and where the names are in its answer.
LISTS = (
    ("stack", "cloudformation", "list_stacks", {}, "StackSummaries[?StackStatus != 'DELETE_COMPLETE'].StackName"),
    ("topic", "sns", "list_topics", {}, "Topics[].TopicArn"),
    ("subscription", "sns", "list_subscriptions", {}, "Subscriptions[].SubscriptionArn"),
    ("queue", "sqs", "list_queues", {}, "QueueUrls[]"),
    ("bucket", "s3", "list_buckets", {}, "Buckets[].Name"),
    ("alarm", "cloudwatch", "describe_alarms", {}, "MetricAlarms[].AlarmName"),
    ("dashboard", "cloudwatch", "list_dashboards", {}, "DashboardEntries[].DashboardName"),
    ("role", "iam", "list_roles", {}, "Roles[].RoleName"),
    ("user", "iam", "list_users", {}, "Users[].UserName"),
    ("managed policy", "iam", "list_policies", {"Scope": "Local"}, "Policies[].Arn"),
    ("key", "kms", "list_keys", {}, "Keys[].KeyId"),
)


def listed(service, operation, arguments, names):
    return boto3.client(service).get_paginator(operation).paginate(**arguments).search(names)


def is_left(key):
    """Whether a key is neither pending deletion nor one that a service makes for itself."""
    metadata = boto3.client("kms").describe_key(KeyId=key)["KeyMetadata"]
    return metadata["KeyManager"] == "CUSTOMER" and metadata["KeyState"] != "PendingDeletion"


def messages(queue):
    """The messages of a queue, also those that somebody received and did not delete."""
    counts = boto3.client("sqs").get_queue_attributes(
        QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    )["Attributes"]
    return sum(int(count) for count in counts.values())


for kind, *call in LISTS:
    if sys.argv[1:] not in ([], [kind]):
        continue
    for name in filter(None, listed(*call)):
        if kind == "key" and not is_left(name):
            continue
        print(kind, name)
        if kind == "queue" and messages(name) > 0:
            print("message in", name)
        if kind == "user":
            for policy in listed("iam", "list_user_policies", {"UserName": name}, "PolicyNames[]"):
                print("policy of user", name, policy)

"""Moto's own server, on a free port of 127.0.0.1, with what `cdk deploy` of the sample needs in addition.

Usage: moto_server.py BLOCKS

Moto skips five resource types of CloudFormation, and says CREATE_COMPLETE all the same: they are added here, over Moto's own
backends. It fails on updates with parameters left at their defaults, never deletes managed policies, and cannot describe a stack's
key: not here. Its Textract reads no documents: every job's result is the list of blocks in the JSON file BLOCKS.

The address goes to stdout, as one line; the log goes to stderr. The server ends when its stdin is closed.
"""

import contextlib
import json
import logging
import sys

MOTO = "5.2.1"  # The classes below follow this version's internals.

try:
    from moto import __version__ as found
    from moto.cloudformation.models import CloudFormationBackend
    from moto.cloudwatch.models import Dimension, Metric, MetricDataQuery, MetricStat, cloudwatch_backends
    from moto.core.common_models import CloudFormationModel
    from moto.core.utils import camelcase_to_underscores
    from moto.iam.models import ManagedPolicy, iam_backends
    from moto.kms.models import KmsBackend
    from moto.s3.exceptions import MissingBucket
    from moto.s3.models import s3_backends
    from moto.server import ThreadedMotoServer
    from moto.sns.exceptions import TopicNotFound
    from moto.sns.models import sns_backends
    from moto.sqs.exceptions import QueueDoesNotExist
    from moto.sqs.models import sqs_backends
    from moto.textract.models import TextractBackend
    from moto.utilities.utils import get_partition
except ImportError as missing:
    found = f"not installed ({missing})"
if found != MOTO:
    fix = f"run pip install 'moto[server]=={MOTO}' in a virtual environment, and activate it or set PYTHON to its python"
    sys.exit(f"moto {MOTO} is needed, and is {found} in {sys.executable}: {fix}")


def add_type(cfn_type, service, create):
    """Adds a type; create(properties, name, account, region) returns its physical id, its attributes and what deletes it."""

    class Resource(CloudFormationModel):
        __module__ = f"moto.{service}.models"  # Moto reads the service's name from it.

        cloudformation_type = staticmethod(lambda: cfn_type)
        cloudformation_name_type = staticmethod(lambda: "")
        has_cfn_attr = staticmethod(lambda _: True)  # get_cfn_attribute fails for those that there are not.

        @classmethod
        def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
            made = cls()
            made.physical_resource_id, made.attributes, made.undo = create(
                cloudformation_json["Properties"], resource_name, account_id, region_name
            )
            return made

        @classmethod
        def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
            original_resource.delete(account_id, region_name)
            return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)

        def get_cfn_attribute(self, name):
            return self.attributes[name]

        def delete(self, _account, _region):
            # Moto deletes in no particular order: what the resource belonged to may be gone.
            with contextlib.suppress(TopicNotFound, QueueDoesNotExist, MissingBucket):
                self.undo()

    return Resource


def subscription(properties, _name, account, region):
    sns = sns_backends[account][region]
    made = sns.subscribe(properties["TopicArn"], properties["Endpoint"], properties["Protocol"])
    for attribute in ("DeliveryPolicy", "FilterPolicy", "RedrivePolicy"):
        if attribute in properties:
            sns.set_subscription_attributes(made.arn, attribute, json.dumps(properties[attribute]))
    if str(properties.get("RawMessageDelivery")).lower() == "true":
        sns.set_subscription_attributes(made.arn, "RawMessageDelivery", "true")
    return made.arn, {"Arn": made.arn}, lambda: sns.unsubscribe(made.arn)


def policy_of(holders, put):
    """The policy of topics, queues or a bucket; put(account, region, holder, document) takes no document to delete it."""

    def create(properties, name, account, region):
        names = properties[holders] if isinstance(properties[holders], list) else [properties[holders]]
        for holder in names:
            put(account, region, holder, properties["PolicyDocument"])
        return name, {"Id": name}, lambda: [put(account, region, holder, None) for holder in names]

    return create


def put_topic_policy(account, region, arn, document):
    topic = sns_backends[account][region].get_topic(arn)
    topic.policy = json.dumps(document or topic._create_default_topic_policy(region, account, topic.name))


def put_queue_policy(account, region, url, document):
    policy = json.dumps(document) if document else ""
    sqs_backends[account][region].set_queue_attributes(url.rsplit("/", 1)[-1], {"Policy": policy})


def put_bucket_policy(account, region, bucket, document):
    s3 = s3_backends[account][get_partition(region)]
    s3.delete_bucket_policy(bucket)
    # Moto applies a bucket's policy without its conditions: the deny of plain HTTP would deny every request.
    kept = [s for s in (document or {}).get("Statement", []) if not (s["Effect"] == "Deny" and "Condition" in s)]
    if kept:
        s3.put_bucket_policy(bucket, json.dumps({**document, "Statement": kept}).encode())


def metric_query(query):
    """A line of metric math: an expression, or a metric with its statistic."""
    stat = None
    if "MetricStat" in query:
        metric = query["MetricStat"]["Metric"]
        dimensions = [Dimension(d["Name"], d["Value"]) for d in metric.get("Dimensions", [])]
        metric = Metric(metric["MetricName"], metric["Namespace"], dimensions)
        stat = MetricStat(metric, query["MetricStat"]["Period"], query["MetricStat"]["Stat"], query["MetricStat"].get("Unit"))
    return MetricDataQuery(
        query["Id"], query.get("Label"), query.get("Period"), query.get("ReturnData"), query.get("Expression"), stat
    )


def alarm(properties, name, account, region):
    cloudwatch = cloudwatch_backends[account][region]
    # A property that Moto does not have is a TypeError below, and so a stack that fails.
    values = dict.fromkeys(("metric_name", "namespace", "period", "statistic"))
    values |= {"alarm_description": "", "dimensions": [], "alarm_actions": []}
    values |= {camelcase_to_underscores(key): value for key, value in properties.items() if key != "AlarmName"}
    values["description"] = values.pop("alarm_description")
    values["metric_data_queries"] = [metric_query(q) for q in values.pop("metrics", [])]
    made = cloudwatch.put_metric_alarm(name=properties.get("AlarmName", name), **values)
    return made.name, {"Arn": made.alarm_arn}, lambda: cloudwatch.delete_alarms([made.name])


PIPES = []


def pipe(properties, name, account, region):
    """Only recorded: Moto's pipes do nothing, and cannot be made by CloudFormation."""
    PIPES.append(properties)
    return name, {"Arn": f"arn:aws:pipes:{region}:{account}:pipe/{name}"}, lambda: PIPES.remove(properties)


# Moto looks only at the direct subclasses that exist when it meets its first template.
ADDED = [
    add_type("AWS::SNS::Subscription", "sns", subscription),
    add_type("AWS::SNS::TopicPolicy", "sns", policy_of("Topics", put_topic_policy)),
    add_type("AWS::SQS::QueuePolicy", "sqs", policy_of("Queues", put_queue_policy)),
    add_type("AWS::S3::BucketPolicy", "s3", policy_of("Bucket", put_bucket_policy)),
    add_type("AWS::CloudWatch::Alarm", "cloudwatch", alarm),
    add_type("AWS::Pipes::Pipe", "pipes", pipe),
]


def delete_managed_policy(policy, account, region):
    iam = iam_backends[account][get_partition(region)]
    for owner in (*iam.users.values(), *iam.groups.values(), *iam.roles.values()):
        owner.managed_policies.pop(policy.arn, None)
    iam.managed_policies.pop(policy.arn)


def policy_as_text(create_key):
    """Moto's CloudFormation hands over a key's policy as an object, and its KMS fails on any but text."""

    def create(backend, policy, *args, **kwargs):
        return create_key(backend, policy if isinstance(policy, str | None) else json.dumps(policy), *args, **kwargs)

    return create


def remember_defaults(resolve):
    """Moto knows no previous value of a parameter that was left at its default, such as the CDK's BootstrapVersion: leave it there."""

    def resolve_known(backend, instance, incoming_params):
        known = [p for p in incoming_params if not p.get("UsePreviousValue") or p["ParameterKey"] in instance.parameters]
        return resolve(backend, instance, known)

    return resolve_known


def main():
    # Moto warns of what it leaves out, on the logger "moto".
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    CloudFormationBackend._resolve_update_parameters = remember_defaults(CloudFormationBackend._resolve_update_parameters)
    KmsBackend.create_key = policy_as_text(KmsBackend.create_key)
    ManagedPolicy.delete = delete_managed_policy  # Moto leaves it behind when its stack is deleted.
    with open(sys.argv[1], encoding="utf-8") as blocks:
        TextractBackend.BLOCKS = json.load(blocks)
    # Moto's own default is a list of none, and a page count in a shape that AWS SDKs cannot read.
    TextractBackend.PAGES = sum(block["BlockType"] == "PAGE" for block in TextractBackend.BLOCKS)

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    # Moto recognizes the URL of a template by the word localhost.
    print(f"http://localhost:{server.get_host_and_port()[1]}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()

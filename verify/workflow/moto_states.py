"""Moto with what it lacks to run the state machines of a workflow, in virtual time.

Usage: moto_states.py ENDPOINT JSONATA

Moto's interpreter of the Amazon States Language sends its requests to ENDPOINT, where the test answers those to Textract and passes on
the others. JSONATA is the script that evaluates expressions.

Time stands still while any state machine runs. The test moves it: see Control. Two addresses go to stdout, one a line: Moto's, and
that of Control. The log goes to stderr. The server ends when its stdin is closed.
"""

import copy
import datetime
import heapq
import http.server
import itertools
import json
import logging
import math
import os
import random
import re
import subprocess
import sys
import threading
import time
import types
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "local"))
import moto_server  # noqa: E402, it checks the version of Moto

import boto3  # noqa: E402
import botocore.config  # noqa: E402
import botocore.exceptions  # noqa: E402
import botocore.session  # noqa: E402
import moto.events.models as events  # noqa: E402
import moto.sqs.models as sqs  # noqa: E402
import moto.stepfunctions.models as states  # noqa: E402
from moto.core.config import default_user_config  # noqa: E402
from moto.core.exceptions import AWSError  # noqa: E402
from moto.core.responses import EmptyResult  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402
from moto.stepfunctions.parser import models as backends  # noqa: E402
from moto.stepfunctions.parser.api import ExecutionStatus  # noqa: E402
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException  # noqa: E402
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName  # noqa: E402
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType  # noqa: E402
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent  # noqa: E402
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata, StringVariableSample  # noqa: E402
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor import (  # noqa: E402
    distributed_item_processor_worker as distributed_map,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_aws_sdk as aws_sdk  # noqa: E402
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_callback as callbacks  # noqa: E402
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService  # noqa: E402
from moto.stepfunctions.parser.asl.eval.callback import callback  # noqa: E402
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails  # noqa: E402
from moto.stepfunctions.parser.api import EvaluationFailedEventDetails, HistoryEventType  # noqa: E402
from moto.stepfunctions.parser.backend import execution as executions  # noqa: E402
from moto.stepfunctions.responses import StepFunctionResponse  # noqa: E402

EPOCH = 1767225600.0  # 2026-01-01T00:00:00Z
TICKS = 512  # a second; a power of two, so that times add up exactly, and as nanoseconds too


class Clock:
    """Virtual time. It moves only when every thread of the interpreter waits for it, or for another thread."""

    def __init__(self):
        self.now = EPOCH
        self.lock = threading.Condition()
        self.busy = 0
        self.timers = []
        self.order = itertools.count()

    def add_busy(self, change):
        with self.lock:
            self.busy += change
            if self.busy == 0:
                self.lock.notify_all()

    def wait(self, waiters, seconds, ready=lambda: False):
        """Lets the calling thread wait until it is woken, or until the time is over. Says whether it was woken."""
        with self.lock:
            if ready():
                return True
            timer = types.SimpleNamespace(resume=threading.Event(), woken=False, done=False)
            if seconds is not None:
                deadline = self.now + math.ceil(max(seconds, 0) * TICKS) / TICKS
                heapq.heappush(self.timers, (deadline, next(self.order), timer))
            waiters.append(timer)
            self.busy -= 1
            if self.busy == 0:
                self.lock.notify_all()
        timer.resume.wait()
        with self.lock:
            if timer in waiters:
                waiters.remove(timer)
        return timer.woken

    def wake(self, timer, woken):
        """Resumes a thread that waits; the lock is held. The thread counts as busy from here on, and not only when it runs."""
        if not timer.done:
            timer.done, timer.woken = True, woken
            self.busy += 1
            timer.resume.set()

    def wake_all(self, waiters):
        with self.lock:
            for timer in waiters:
                self.wake(timer, True)

    def settle(self):
        """Returns when all threads wait, with the time at which the first of them goes on by itself."""
        with self.lock:
            if not self.lock.wait_for(lambda: self.busy == 0, 60):
                raise TimeoutError(f"{self.busy} threads of the interpreter are busy for a minute")
            while self.timers and self.timers[0][2].done:
                heapq.heappop(self.timers)
            return self.timers[0][0] if self.timers else None

    def advance(self, to):
        """Moves to a time. All that is due on the way happens at its time, one after the other."""
        while (first := self.settle()) is not None and first <= to:
            with self.lock:
                self.now = first
                self.wake(heapq.heappop(self.timers)[2], False)
        with self.lock:
            self.now = max(self.now, to)


CLOCK = Clock()


class Thread(threading.Thread):
    """A thread of the interpreter."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.ended, self.joiners = False, []

    def start(self):
        CLOCK.add_busy(1)
        super().start()

    def run(self):
        try:
            super().run()
        finally:
            self.ended = True
            CLOCK.wake_all(self.joiners)
            CLOCK.add_busy(-1)

    def join(self, timeout=None):
        CLOCK.wait(self.joiners, timeout, lambda: self.ended)

    def is_alive(self):
        return not self.ended


class Event:
    def __init__(self):
        self.flag, self.waiters = False, []

    def is_set(self):
        return self.flag

    def set(self):
        self.flag = True
        CLOCK.wake_all(self.waiters)

    def clear(self):
        self.flag = False

    def wait(self, timeout=None):
        return CLOCK.wait(self.waiters, timeout, lambda: self.flag) or self.flag


class VirtualDatetime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.fromtimestamp(CLOCK.now, tz)


ACCOUNT, REGION = "123456789012", "us-east-1"
ENDED = [0]  # the number of executions
# Wakes the tasks that run another state machine: they ask for its status again.
AN_EXECUTION_ENDED = Event()


def wait_for_an_end(_seconds):
    """Stands in for the sleep between two polls of .sync tasks."""
    CLOCK.wait(AN_EXECUTION_ENDED.waiters, 60)


def use_virtual_time():
    virtual = {
        "time": types.SimpleNamespace(sleep=lambda s: CLOCK.wait([], s), time=lambda: CLOCK.now),
        "threading": types.SimpleNamespace(**{**vars(threading), "Thread": Thread, "Event": Event}),
        "datetime": types.SimpleNamespace(**{**vars(datetime), "datetime": VirtualDatetime}),
    }
    real = {"time": time, "threading": threading, "datetime": datetime}
    for module in [m for name, m in list(sys.modules.items()) if name.startswith("moto.stepfunctions.")]:
        for name, replacement in virtual.items():
            if getattr(module, name, None) is real[name]:
                setattr(module, name, replacement)
        for name, replacement in (("Thread", Thread), ("Event", Event)):
            if getattr(module, name, None) is getattr(threading, name):
                setattr(module, name, replacement)
    callbacks.time = types.SimpleNamespace(sleep=wait_for_an_end)
    sqs.unix_time = lambda *_: CLOCK.now
    sqs.unix_time_millis = lambda *_: CLOCK.now * 1000


class JSONata:
    """The reference implementation, in Node: one line of JSON in, one out. It records what it evaluated."""

    def __init__(self, script):
        self.process = subprocess.Popen(["node", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lock = threading.Lock()
        self.records = {}

    def evaluate(self, expression, variables):
        question = {"expression": expression, "variables": variables, "millis": int(CLOCK.now * 1000)}
        line = json.dumps(question, default=lambda v: v.isoformat())
        with self.lock:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
            self.records.setdefault(expression, {})[line] = answer
        return json.loads(answer)


def evaluate(self, env):
    """Stands in for the evaluation of an expression in the interpreter, which has none."""
    data = env.states._states_data
    scope = {**env.variable_store._outer_scope, **env.variable_store._inner_scope}
    known = {name: value for name, value in data.items() if value is not None}
    answer = JSONATA.evaluate(self.expression, {"states": known, **scope})
    if "value" not in answer:
        name = StatesErrorName(typ=StatesErrorNameType.StatesQueryEvaluationError)
        cause = f"The JSONata expression '{self.expression}' {answer.get('error', 'returned nothing (undefined).')}"
        details = EvaluationFailedEventDetails(cause=cause, error=name.error_name)
        event = FailureEvent(env, name, HistoryEventType.EvaluationFailed, EventDetails(evaluationFailedEventDetails=details))
        raise FailureEventException(failure_event=event)
    env.stack.append(answer["value"])


CLIENTS = {}


def client_for(region, service, state_credentials=None):
    """Every request of the interpreter goes to the test."""
    key = (region, service)
    if key not in CLIENTS:
        CLIENTS[key] = boto3.client(
            service,
            region_name=region,
            endpoint_url=sys.argv[1],
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=botocore.config.Config(parameter_validation=False, retries={"total_max_attempts": 1}, max_pool_connections=100),
        )
    return CLIENTS[key]


MODELS = {}


def operation(task, service, action):
    service = task._get_boto_service_name(service)
    if service not in MODELS:
        model = botocore.session.get_session().get_service_model(service)
        MODELS[service] = {botocore.xform_name(name): model.operation_model(name) for name in model.operation_names}
    return MODELS[service].get(task._get_boto_service_action(action))


def normalise_parameters(self, parameters, boto_service_name=None, service_action_name=None):
    """Spells parameters as the SDK does: Moto has left it out."""
    found = operation(self, boto_service_name, service_action_name)
    if found and found.input_shape:
        self._to_boto_request(parameters, found.input_shape)


def normalise_response(self, response, boto_service_name=None, service_action_name=None):
    """Spells results as Step Functions does: Moto has left it out."""
    found = operation(self, boto_service_name, service_action_name)
    if found and found.output_shape:
        self._from_boto_response(response, found.output_shape)


def with_connection_errors(from_error):
    """An SDK that got no answer is an error of its own. Moto's own errors have no request id, which the cause takes."""

    def convert(self, env, ex):
        if isinstance(ex, botocore.exceptions.ClientError):
            ex.response["ResponseMetadata"].setdefault("RequestId", "00000000-0000-0000-0000-000000000000")
        if isinstance(ex, botocore.exceptions.BotoCoreError):
            name = self._normalise_service_error_name(self.resource.api_name)
            return self._get_task_failure_event(env=env, error=f"{name}.SdkClientException", cause=str(ex))
        return from_error(self, env, ex)

    return convert


def with_new_token(evaluate_task):
    """Each try has a token of its own; Moto tells a second one that the first was answered."""

    def again(self, env):
        context = env.states.context_object
        if self._is_integration_pattern() and context.context_object_data["State"]["RetryCount"] > 0:
            env.callback_pool_manager.add(context.update_task_token())
        evaluate_task(self, env)

    return again


def resume(self, token, outcome):
    """A token is good for one answer, while its task waits."""
    for machine in self.state_machines:
        for execution in machine.executions:
            endpoint = execution.exec_worker.env and execution.exec_worker.env.callback_pool_manager.get(token)
            if endpoint:
                if execution.status != ExecutionStatus.RUNNING or endpoint._notify_event.is_set():
                    raise AWSError("Provided task does not exist anymore", "TaskTimedOut")
                endpoint.notify(outcome)
                return
    raise AWSError("Invalid token", "InvalidToken")


def send_task_success(self, task_token, outcome):
    resume(self, task_token, callback.CallbackOutcomeSuccess(callback_id=task_token, output=outcome))


def send_task_failure(self, task_token, error=None, cause=None):
    resume(self, task_token, callback.CallbackOutcomeFailure(callback_id=task_token, error=error, cause=cause))


def send_task_failure_response(self):
    """Moto drops the cause."""
    send_task_failure(self.stepfunction_backend, *(self._get_param(p) for p in ("taskToken", "error", "cause")))
    return EmptyResult()


def with_name(start):
    """Moto names an execution None that has no name."""

    def named(self, state_machine_arn, name=None, *args, **kwargs):
        return start(self, state_machine_arn, name or str(uuid.uuid4()), *args, **kwargs)

    return named


def at_once(stop):
    """Moto lets an execution run until its task ends."""

    def stopped(self, *args, **kwargs):
        stop(self, *args, **kwargs)
        self.exec_status, self.stop_date = ExecutionStatus.ABORTED, VirtualDatetime.now(datetime.timezone.utc)

    return stopped


def with_signal(terminated):
    def signalled(self):
        if self.execution.exec_status != ExecutionStatus.ABORTED:
            terminated(self)
        ENDED[0] += 1
        CLOCK.wake_all(AN_EXECUTION_ENDED.waiters)

    return signalled


def with_state_machines(send):
    """Moto's rules have no state machines for targets."""

    def send_to_targets(self, original_event, transform_input=True):
        targets = [t["Arn"] for t in self.targets if ":states:" in t["Arn"]]
        if not targets:
            return send(self, original_event, transform_input)
        if self.event_pattern.matches_event(original_event):
            for arn in targets:
                account, region = arn.split(":")[4], arn.split(":")[3]
                backends.stepfunctions_parser_backends[account][region].start_execution(arn, None, json.dumps(original_event))

    return send_to_targets


def with_tolerance(run_child):
    """Moto knows how many children of a Distributed Map may fail, and lets all of them."""

    def tolerated(self, env, job):
        run_child(self, env, job)
        record = self._map_run_record
        share = 100 * record.item_counter.failed.get() / self._job_pool._jobs_number
        if share > record.tolerated_failure_percentage:
            name = StatesErrorName(typ=StatesErrorNameType.StatesExceedToleratedFailureThreshold)
            details = EvaluationFailedEventDetails(cause=f"{share:.0f} % of the items failed", error=name.error_name)
            event = FailureEvent(env, name, HistoryEventType.EvaluationFailed, EventDetails(evaluationFailedEventDetails=details))
            job.job_output = FailureEventException(failure_event=event)  # no other child is started

    return tolerated


def with_whole_percents(parse):
    """Moto's grammar wants a decimal point in a percentage."""
    return lambda definition: parse(re.sub(r'("ToleratedFailurePercentage":\s*\d+)(?=\s*[,}])', r"\1.0", definition))


def extend_moto():
    moto_server.KmsBackend.create_key = moto_server.policy_as_text(moto_server.KmsBackend.create_key)
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    states.stepfunctions_backends = backends.stepfunctions_parser_backends  # CloudFormation made machines that do not run
    backends.copy = types.SimpleNamespace(deepcopy=copy.copy)  # the machine has its executions, with threads and locks
    StringJSONata._eval_body = StringVariableSample._eval_body = evaluate
    for module in [m for name, m in list(sys.modules.items()) if name.startswith("moto.stepfunctions.")]:
        if hasattr(module, "boto_client_for"):
            module.boto_client_for = client_for
    aws_sdk._SERVICE_ERROR_NAMES["textract"] = "Textract"
    aws_sdk.StateTaskServiceAwsSdk._from_error = with_connection_errors(aws_sdk.StateTaskServiceAwsSdk._from_error)
    callbacks.StateTaskServiceCallback._eval_execution = with_new_token(StateTaskService._eval_execution)
    StateTaskService._normalise_parameters, StateTaskService._normalise_response = normalise_parameters, normalise_response
    backends.AmazonStateLanguageParser.parse = staticmethod(with_whole_percents(backends.AmazonStateLanguageParser.parse))
    for log in ("_log_failure_event_exception", "_log_exception"):  # they write out whole definitions, for no log
        setattr(EvalComponent, log, lambda *_, **__: None)
    backend = backends.StepFunctionsParserBackend
    backend.start_execution = with_name(backend.start_execution)
    backend.send_task_success, backend.send_task_failure = send_task_success, send_task_failure
    StepFunctionResponse.send_task_failure = send_task_failure_response
    executions.Execution.stop = at_once(executions.Execution.stop)
    distributed_map.DistributedItemProcessorWorker._eval_job = with_tolerance(distributed_map.DistributedItemProcessorWorker._eval_job)
    worker = executions.BaseExecutionWorkerCommunication
    worker.terminated = with_signal(worker.terminated)
    events.Rule.send_to_targets = with_state_machines(events.Rule.send_to_targets)


def messages_of(arn):
    """The times at which the messages of a queue can be received."""
    *_, region, account, name = arn.split(":")
    queue = sqs.sqs_backends[account][region].queues[name]
    return [math.floor(m.visible_at / 1000 * TICKS + 1) / TICKS if m.visible_at else 0 for m in queue._messages]


class Control(http.server.BaseHTTPRequestHandler):
    """What the test asks for, as JSON.

    advance {"to": T}     moves the time to T, in ticks; without it waits until nothing runs. The answer has the time, that of the
                          next timer or message, the queues of pipes that have messages, and how many executions ended
    sleep {"seconds": S}  returns after S seconds: the request of a thread that the test holds up
    event {"event": E}    sends an event to the rules of EventBridge
    stop                  stops all executions
    pipes                 the pipes that were created
    records               the expressions that were evaluated, with their input and result
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer takes 40 ms: its header and body are two packets

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(getattr(self, "do_" + self.path.strip("/"))(**question)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_advance(self, to=None):
        if to is not None:
            CLOCK.advance(to / TICKS)
        timer, messages = CLOCK.settle(), {queue: messages_of(queue) for queue in {p["Source"] for p in moto_server.PIPES}}
        waiting = sorted(queue for queue, times in messages.items() if any(t <= CLOCK.now for t in times))
        later = [t for t in (timer, *itertools.chain(*messages.values())) if t is not None and t > CLOCK.now]
        next_one = int(min(later) * TICKS) if later else None
        return {"now": int(CLOCK.now * TICKS), "next": next_one, "waiting": waiting, "ended": ENDED[0]}

    def do_sleep(self, seconds):
        CLOCK.wait([], seconds)
        return {}

    def do_event(self, event):
        for bus in events.events_backends[ACCOUNT][REGION].event_buses.values():
            for rule in bus.rules.values():
                rule.send_to_targets(event, transform_input=False)
        return {}

    def do_stop(self):
        for machine in backends.stepfunctions_parser_backends[ACCOUNT][REGION].state_machines:
            for execution in machine.executions:
                if execution.status == ExecutionStatus.RUNNING:
                    execution.stop(VirtualDatetime.now(datetime.timezone.utc), None, None)
        return {}

    def do_pipes(self):
        return moto_server.PIPES

    def do_records(self):
        return [
            {**json.loads(line), "answer": json.loads(answer)} for lines in JSONATA.records.values() for line, answer in lines.items()
        ]

    def log_message(self, *_):
        pass


def main():
    global JSONATA
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    # An error of a state is an event of its execution, and no error of Moto.
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    random.seed(1)  # jitter
    JSONATA = JSONata(sys.argv[2])
    extend_moto()
    use_virtual_time()
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    control = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Control)
    threading.Thread(target=control.serve_forever, daemon=True).start()
    print(f"http://localhost:{server.get_host_and_port()[1]}", f"http://localhost:{control.server_port}", sep="\n", flush=True)
    sys.stdin.read()


main()

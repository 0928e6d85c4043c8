"""Why each statement of each role is there, by role and by the statement's Sid.

A statement without a Sid, such as CDK's grants, goes by its first action.
"""

ACCESS_REASONS = {
    ("EndpointRole", "EcrLogin"): "Pulling an image starts with it; it takes no resource.",
    ("EndpointRole", "PullImage"): "The built-in XGBoost image, in AWS's own account.",
    ("EndpointRole", "ReadReleases"): "Reads `model.tar.gz` when an endpoint is made.",
    ("EndpointRole", "ListBatch"): "A batch transform lists its rows, below its prefix alone.",
    ("EndpointRole", "UseBatch"): "A batch transform reads its rows and writes its answers.",
    ("EndpointRole", "LogBatch"): (
        "Its log: one group for all of an account's transforms, the stage's own streams in it."
    ),
    ("EndpointRole", "WriteLogs"): "The container's log, one group for each endpoint.",
    ("FunctionRole", "logs:CreateLogStream"): "Its own log group, and no other.",
    ("FunctionRole", "sagemaker:InvokeEndpoint"): (
        "While a release goes live, the new Lambda version asks the new endpoint and the old "
        "version the old one, under one role."
    ),
    ("FunctionRole", "TakeUploads"): (
        "Signs the forms by which large photos are uploaded, and reads them: uploads/ and no more."
    ),
    ("FunctionRole", "KeepFeedback"): "Adds feedback and its photos; it cannot read or list them.",
    ("EndpointRole", "WatchAlarms"): "Goes back by itself when a change of instances goes wrong.",
    ("FunctionRole", "xray:PutTelemetryRecords"): "Traces, where `tracing` is on; no resource.",
    ("RolloutRole", "logs:CreateLogStream"): "Its own log group, and no other.",
    ("RolloutRole", "lambda:InvokeFunction"): "The smoke test asks the new version.",
    ("RolloutRole", "codedeploy:PutLifecycleEventHookExecutionStatus"): (
        "Tells CodeDeploy whether the golden photos agreed."
    ),
    ("RolloutMoverRole", "MoveAlias"): "CodeDeploy moves the alias to the new version, or back.",
    ("RolloutMoverRole", "RunSmokeTest"): "CodeDeploy runs it before any traffic moves.",
    ("RolloutMoverRole", "WatchAlarms"): "CodeDeploy goes back when one of its alarms goes off.",
}

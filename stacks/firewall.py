"""The firewall in front of the API's stage."""

from collections.abc import Sequence

from aws_cdk import aws_apigateway
from aws_cdk.aws_wafv2 import CfnWebACL, CfnWebACLAssociation
from constructs import Construct

from stacks.settings import Settings

# These look for attacks in the body, which here is a photo: nearly every one has more than 8 KB,
# and what a camera wrote into it resembles a script often enough. The body is decoded as a photo
# and as nothing else, so they count what they find and let it through.
# https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
# https://repost.aws/knowledge-center/waf-upload-blocked-files
COUNTED = (
    "SizeRestrictions_BODY",
    "CrossSiteScripting_BODY",
    "GenericLFI_BODY",
    "GenericRFI_BODY",
    "EC2MetaDataSSRF_BODY",
)
RATE_WINDOW = 300  # seconds


class Firewall(Construct):
    """A rate for each address, then AWS's rules against what no honest client sends."""

    def __init__(
        self, scope: Construct, name: str, *, stage: aws_apigateway.Stage, settings: Settings
    ) -> None:
        super().__init__(scope, name)
        acl = CfnWebACL(
            self,
            "Acl",
            scope="REGIONAL",
            default_action=CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_metrics("Firewall"),
            rules=[
                _rate(0, settings.firewall_rate),
                _managed(1, "KnownBadInputs"),
                _managed(2, "Common", counted=COUNTED),
            ],
        )
        CfnWebACLAssociation(
            self, "OfStage", resource_arn=stage.stage_arn, web_acl_arn=acl.attr_arn
        )


def _rate(priority: int, limit: int) -> CfnWebACL.RuleProperty:
    return CfnWebACL.RuleProperty(
        name="Rate",
        priority=priority,
        action=CfnWebACL.RuleActionProperty(block={}),
        statement=CfnWebACL.StatementProperty(
            rate_based_statement=CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type="IP", limit=limit, evaluation_window_sec=RATE_WINDOW
            )
        ),
        visibility_config=_metrics("Rate"),
    )


def _managed(priority: int, name: str, counted: Sequence[str] = ()) -> CfnWebACL.RuleProperty:
    count = CfnWebACL.RuleActionProperty(count={})
    return CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        override_action=CfnWebACL.OverrideActionProperty(none={}),
        statement=CfnWebACL.StatementProperty(
            managed_rule_group_statement=CfnWebACL.ManagedRuleGroupStatementProperty(
                vendor_name="AWS",
                name=f"AWSManagedRules{name}RuleSet",
                rule_action_overrides=[
                    CfnWebACL.RuleActionOverrideProperty(name=rule, action_to_use=count)
                    for rule in counted
                ],
            )
        ),
        visibility_config=_metrics(name),
    )


def _metrics(name: str) -> CfnWebACL.VisibilityConfigProperty:
    """Count by rule, but keep no samples: they would show callers' keys and addresses."""
    return CfnWebACL.VisibilityConfigProperty(
        metric_name=name, cloud_watch_metrics_enabled=True, sampled_requests_enabled=False
    )

"""Checks that the role of CloudFormation in infra/pipeline-role.yaml may create each resource of infra/template.yaml.

cfn-lint contains the schemas of CloudFormation, which list the actions that each type of resource needs. Which resources
a statement allows is not compared.
"""

import fnmatch
import json
import os
import sys
from importlib import resources
from pathlib import Path

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
from samtranslator.translator.transform import transform  # noqa: E402
from samtranslator.yaml_helper import yaml_parse  # noqa: E402

INFRA = Path(__file__).resolve().parents[1]
POLICIES = ("ExecutionNamed", "ExecutionUnnamed", "ExecutionRoles")
# Listing all resources of a type is for the import of resources.
HANDLERS = ("create", "read", "update", "delete")
# Actions for properties that the template does not use. The data of the table is among them.
UNUSED = (
    "apigateway:*TagResource",
    "backup-storage:Mount",
    "backup:*BackupVault*",
    "billing:*",
    "cloudfront:CreateConnectionGroup",
    "cloudfront:UpdateDistributionWithStagingConfig",
    "codedeploy:RegisterOnPremisesInstance",
    "dynamodb:*Item",
    "dynamodb:*KinesisStreamingDestination",
    "dynamodb:*Replica",
    "dynamodb:*ResourcePolicy",
    "dynamodb:ImportTable",
    "dynamodb:Query",
    "dynamodb:Scan",
    "ec2:*",
    "elasticfilesystem:*",
    "events:*Permission",
    "firehose:*",
    "kinesis:*",
    "iam:DeleteRolePermissionsBoundary",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ListAliases",
    "kms:ReEncrypt*",
    "lambda:AssociateRuntimeAlias",
    "lambda:PassCapacityProvider",
    "logs:*BearerTokenAuthentication",
    "logs:*DataProtectionPolicy",
    "logs:*IndexPolicy",
    "logs:*KmsKey",
    "logs:*LogStream*",
    "logs:DeleteResourcePolicy",
    "logs:PutLogEvents",
    "logs:PutLogGroupDeletionProtection",
    "s3:*MetadataTableConfiguration",
    "s3:*Object*",
    "s3:ListAllMyBuckets",
    "s3:UpdateBucketMetadata*",
    "s3files:*",
    "s3tables:*",
    "sns:PutDataProtectionPolicy",
)


class _NoManagedPolicies:
    """The template uses no managed policy by name alone."""

    def load(self) -> dict:
        return {}


def types() -> set[str]:
    """The types of the stack's resources, after SAM's transform."""
    template = yaml_parse((INFRA / "template.yaml").read_text())
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    made = transform(template, {"Issuer": "https://issuer.example"}, _NoManagedPolicies())
    return {resource["Type"] for resource in made["Resources"].values()}


def needed(kind: str) -> set[str]:
    """The actions of the handlers of a type."""
    schemas = resources.files("cfnlint") / "data" / "schemas"
    digest = json.loads((schemas / "providers" / "us-east-1.json").read_text())[kind]
    handlers = json.loads((schemas / "resources" / f"{digest}.json").read_text())["handlers"]
    return {action for name in HANDLERS for action in handlers.get(name, {}).get("permissions", [])}


def allowed() -> list[str]:
    """The patterns of the actions that the role allows."""
    template = yaml_parse((INFRA / "pipeline-role.yaml").read_text())
    statements = [
        statement
        for name in POLICIES
        for statement in template["Resources"][name]["Properties"]["PolicyDocument"]["Statement"]
    ]
    actions = [statement["Action"] for statement in statements]
    return [action for each in actions for action in (each if isinstance(each, list) else [each])]


def main() -> int:
    """Prints what is missing; the exit status is 1 if anything is."""
    patterns = [pattern.lower() for pattern in (*allowed(), *UNUSED)]
    status = 0
    for kind in sorted(types()):
        missing = [
            action
            for action in sorted(needed(kind))
            if not any(fnmatch.fnmatchcase(action.lower(), pattern) for pattern in patterns)
        ]
        if missing:
            print(f"infra/pipeline-role.yaml does not allow what {kind} needs: {', '.join(missing)}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())

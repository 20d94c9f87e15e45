"""Checks the template with cfn-lint, and creates the stack against moto's server on loopback."""

import base64
import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
import yaml
from botocore.exceptions import ClientError
from cfnlint.decode import decode_str
from moto.server import ThreadedMotoServer

TEMPLATE = Path(__file__).parent.parent / "template.yaml"
DECODED = decode_str(TEMPLATE.read_text())[0]
DECLARED = DECODED["Parameters"]
# Stands for Canonical's parameter: moto does not have it, and as in Amazon's cloud nobody can put one below /aws.
NEWEST = "/newest/ubuntu"
IMAGE = "ami-0123456789abcdef0"
PARAMETERS = {
    "DistillURL": "https://downloads.example/distill",
    "DistillSHA256": hashlib.sha256(b"distill").hexdigest(),
    "CalculatorContext": "https://code.example/distill.git#main:Examples/calculator",
    "SSHAddress": "192.0.2.7/32",
    "KeyName": "laptop",
    "ImageId": IMAGE,
}


@pytest.fixture(scope="module")
def cloud():
    """Clients of a cloud that exists in this process only."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    session = boto3.Session("none", "none", region_name="eu-central-1")

    def client(service):
        return session.client(service, endpoint_url=f"http://{host}:{port}")

    client("ec2").create_key_pair(KeyName="laptop")
    client("ssm").put_parameter(Name=NEWEST, Value="ami-00000000000000001", Type="String")
    yield client
    server.stop()


def create(cloud, name, **changes):
    (network,) = cloud("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    subnet = cloud("ec2").describe_subnets(Filters=[{"Name": "vpc-id", "Values": [network["VpcId"]]}])["Subnets"][0]
    place = {"VpcId": network["VpcId"], "SubnetId": subnet["SubnetId"]}
    parameters = {**PARAMETERS, **place, **changes}
    formation = cloud("cloudformation")
    formation.create_stack(
        StackName=name,
        TemplateBody=TEMPLATE.read_text().replace(DECLARED["UbuntuImage"]["Default"], NEWEST),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    formation.get_waiter("stack_create_complete").wait(StackName=name)
    return formation.describe_stacks(StackName=name)["Stacks"][0]


def outputs(stack):
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


@pytest.fixture(scope="module")
def stack(cloud):
    return create(cloud, "demo")


@pytest.fixture(scope="module")
def instance(cloud, stack):
    answer = cloud("ec2").describe_instances(InstanceIds=[outputs(stack)["InstanceId"]])
    return answer["Reservations"][0]["Instances"][0]


@pytest.fixture(scope="module")
def user_data(cloud, instance):
    answer = cloud("ec2").describe_instance_attribute(InstanceId=instance["InstanceId"], Attribute="userData")
    return base64.b64decode(answer["UserData"]["Value"]).decode()


def test_cfn_lint_finds_nothing():
    found = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), "--include-checks", "I", "--", TEMPLATE],
        capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, "")


def test_instance_runs(instance):
    assert instance["State"]["Name"] == "running"
    assert instance["InstanceType"] == "t2.micro"
    assert instance["ImageId"] == IMAGE
    assert instance["KeyName"] == "laptop"


def test_newest_ubuntu_is_asked_of_systems_manager(cloud):
    assert DECLARED["UbuntuImage"]["Default"].startswith("/aws/service/canonical/ubuntu/server/24.04/")
    assert outputs(create(cloud, "newest", ImageId=""))["Image"] == "ami-00000000000000001"


def physical(cloud, resource):
    answer = cloud("cloudformation").describe_stack_resource(StackName="demo", LogicalResourceId=resource)
    return answer["StackResourceDetail"]["PhysicalResourceId"]


def test_only_one_address_connects(cloud, stack):
    # Moto does not give the instance its groups.
    assert DECODED["Resources"]["Machine"]["Properties"]["SecurityGroupIds"] == [
        {"Fn::GetAtt": ["SSHFromOneAddress", "GroupId"]}]
    group = physical(cloud, "SSHFromOneAddress")
    (group,) = cloud("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
    (rule,) = group["IpPermissions"]
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 22, 22)
    assert [block["CidrIp"] for block in rule["IpRanges"]] == ["192.0.2.7/32"]
    assert not rule.get("Ipv6Ranges")


def test_metadata_needs_a_token(cloud, stack):
    template = physical(cloud, "Launch")
    (version,) = cloud("ec2").describe_launch_template_versions(LaunchTemplateId=template)["LaunchTemplateVersions"]
    assert version["LaunchTemplateData"]["MetadataOptions"]["HttpTokens"] == "required"


def test_volume_is_encrypted(cloud, instance):
    (device,) = instance["BlockDeviceMappings"]
    (volume,) = cloud("ec2").describe_volumes(VolumeIds=[device["Ebs"]["VolumeId"]])["Volumes"]
    assert volume["Encrypted"] and volume["VolumeType"] == "gp3"


def test_template_holds_no_key(user_data):
    assert "PRIVATE KEY" not in TEMPLATE.read_text()
    assert len(user_data) < 16 * 1024


def test_user_data_is_cloud_config(user_data, tmp_path):
    assert user_data.startswith("#cloud-config\n")
    config = yaml.safe_load(user_data)
    files = {file["path"]: file for file in config["write_files"]}
    settings = files["/etc/distill-demo"]["content"]
    assert f"digest='{PARAMETERS['DistillSHA256']}'" in settings
    assert f"url='{PARAMETERS['DistillURL']}'" in settings
    for path, file in files.items():
        subprocess.run(["sh", "-n"], input=file["content"], text=True, check=True)
    assert config["runcmd"][0][-1].startswith("/usr/local/sbin/distill-demo ")
    if shutil.which("cloud-init"):
        (tmp_path / "user-data").write_text(user_data)
        subprocess.run(["cloud-init", "schema", "--config-file", tmp_path / "user-data"], check=True)


@pytest.mark.parametrize("changes", [
    {"SSHAddress": "0.0.0.0/0"},
    {"SSHAddress": "192.0.2.0/24"},
    {"SSHAddress": "192.0.2.256/32"},
    {"DistillURL": "http://downloads.example/distill"},
    {"DistillURL": "https://downloads.example/'; reboot; '"},
    {"DistillSHA256": "0" * 63},
    {"DebianMirror": "file:///tmp"},
    {"ImageId": "ubuntu"},
])
def test_patterns_refuse(changes):
    """CloudFormation matches whole values; moto does not look at patterns, so they are tried here."""
    ((name, value),) = changes.items()
    parameter = DECLARED[name]
    assert re.fullmatch(parameter["AllowedPattern"], PARAMETERS.get(name, parameter.get("Default")))
    assert not re.fullmatch(parameter["AllowedPattern"], value)


def test_removes_everything(cloud):
    create(cloud, "gone")
    formation = cloud("cloudformation")
    stack = formation.describe_stacks(StackName="gone")["Stacks"][0]
    identifier = outputs(stack)["InstanceId"]
    formation.delete_stack(StackName="gone")
    with pytest.raises(ClientError):
        formation.describe_stacks(StackName="gone")
    answer = cloud("ec2").describe_instances(InstanceIds=[identifier])
    assert answer["Reservations"][0]["Instances"][0]["State"]["Name"] == "terminated"

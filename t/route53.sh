# Sourced by scenarios that speak to the stand-in of Route 53 with Amazon's client.

# start_route53: the stand-in runs, and its sets are in $T/sets.
start_route53() {
	start route53 perl "$RP_SRC/t/tools/route53.pl" "$T/sets"
	wait_for 5 test -s "$T/route53.out"
	endpoint=http://127.0.0.1:$(cat "$T/route53.out")
}

# The client must neither find an account on this host nor ask for one.
HOME=$T
AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_DEFAULT_REGION=us-east-1
AWS_EC2_METADATA_DISABLED=true AWS_MAX_ATTEMPTS=1 AWS_PAGER=
AWS_CONFIG_FILE=$T/none AWS_SHARED_CREDENTIALS_FILE=$T/none
no_proxy=127.0.0.1
export HOME AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_DEFAULT_REGION \
    AWS_EC2_METADATA_DISABLED AWS_MAX_ATTEMPTS AWS_PAGER AWS_CONFIG_FILE \
    AWS_SHARED_CREDENTIALS_FILE no_proxy

# apply FILE: as the man page says, but for the endpoint.
apply() {
	aws route53 change-resource-record-sets --hosted-zone-id Z1 \
	    --change-batch file:///dev/stdin --endpoint-url "$endpoint" <"$1"
}

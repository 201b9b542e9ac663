/** Which regions each service has; written by scripts/regions.mjs from the endpoint data of botocore 1.43.106, not by hand. */

/** The regions of each partition, after its name. */
export const PARTITION_REGIONS = `
aws af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1
  ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1
  eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1
  me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2
aws-cn cn-north-1 cn-northwest-1
aws-us-gov us-gov-east-1 us-gov-west-1
aws-iso us-iso-east-1 us-iso-west-1
aws-iso-b us-isob-east-1 us-isob-west-1
aws-iso-e eu-isoe-west-1
aws-iso-f us-isof-east-1 us-isof-south-1
aws-eusc eusc-de-east-1`;

/**
 * Sets of endpoints, one a line: a number in base 36 whose bits stand for regions of the partition, the lowest for the first;
 * then other names, where `form:number` has a name for each region of the number, put in the place of the asterisk.
 */
export const ENDPOINT_SETS = `
7w4g7wf fips-*:7ed8b9c
3
3 *-fips:3
1
0 aws-global
0 aws-cn-global
7w4g7wf *-fips:7ed8b9c
3 fips-*:3
7w4g7wf *-fips:5fc25fk
7pz8hve
7pz8hvc
7w4g7wf
7nqe15l fips-*:7ed67eo
4fylg61
7rom3nf fips-*:7ed8b9c
7qkm9vf *-fips:7ed6wow
5ftm9mw fips-*:5fc25fk
5pbbp88 *-fips:4fti4g0 fips
3 *-fips:3 fips
7romjgb
7ekrfig *-fips:7ed67eo
7pz8inv
7pz8hvf
7w4g7wf fips-*:7ed67eo
7w4g7wd bedrock-*:5orm9dk bedrock-fips-*:5fc2ups bedrock-runtime-*:5orm9dk bedrock-runtime-fips-*:5fc2ups
3 bedrock-fips-*:3 bedrock-runtime-fips-*:3 bedrock-runtime-*:3 bedrock-*:3
1 bedrock-runtime-*:1 bedrock-*:1
6ezx7nk
1 aws-iso-global
1 aws-iso-b-global
1 aws-iso-e-global
2 aws-iso-f-global
0 aws-iso-global
0 aws-iso-b-global
0 aws-iso-f-global
hrctmo *-fips:hra0hs
4fylg7s *-fips:4fti4g0
4gikmzd *-fips:4ftitq8
4g13cig *-fips:4ftitq8
5fjxwrc fips-*:5fc25fk
7qj7omz fips-*:7ed6wow
5fjndhc
2 *-fips:2
7w4g7wf *-fips:7ed67eo
hra0hs
2
7w4g6bf
6nstwrc
3 fips-*:1
7r36w6z
5fujz9k
7rolb7f *-fips:7ed67eo
7rn6323 *-fips:7ed6wow fips
5fjxwqw
7rokykb fips-*:7ed6wow
7nrbqs8
7pym0re
3 fips-*:2
5fjmo9k
5fjndjs fips-*:5fc2ups
2 fips-*:2
1 fips-*:1
5fjkk5c fips-*:5fc2ups
7rokp2z
4fylg61 fips-*:4ftitq8
4fylg7s
4fylg61 fips-*:4fti4g0
7nrbqsb fips-*:7ed67eo
7ekqq6w
4fw016w
7ssl3b3
7qj7om3 *-fips:7ed6wow
3y283y8
7nqp9p4 fips-*:7ed6wow
4g12n0o
7w4g7wf *-fips:7ed67eo dms dms-fips
3 *-fips:3 dms dms-fips
3 *-fips:1 dms dms-fips
7w4g7wf *-fips:7ed8b9c rds-fips.*:7ed8b9c rds.*:7ed8b9c
3 rds.*:3 *-fips:3
3 rds.*:1 *-fips:1
7w4g1kr fips-*:7ed8b9c
7w4g7wf *-fips:7ed8b9c local
7w4g7wf local
7w4g7wf dkr-*:7ed67eo fips-dkr-*:7ed67eo fips-*:7ed67eo
3 dkr-*:3 fips-dkr-*:3 fips-*:3
4fti4g0
7w4g7wf fips-*:7w4g1kr
7w4g7wf *-fips:7ed67eo fips
3 *-fips:2 fips
7romprv fips-*:7ed67eo
7rokni3 fips-*:7ed6wow
7w4g7wf fips-*:7ed6wow
5fg7i2y
5fjndhk
5fekr28
7w4g7wf fips-*:7pyynvf
5femvko fips-*:5fc25fk
5fek2dc
7w4g7wf fips-*:7ed8b9c fips-prod-*:7ed8b9c prod-*:7ed8b9c
3 fips-prod-*:3 fips-*:3 prod-*:3
3 fips-prod-*:1 fips-*:1 prod-*:1
7v0almj
7pz8inv fips-*:7ed6wow
7w4g7wf fips-*:3y283y8
5fjmo7s
5fkwevs fips-*:5fc2ups
3 dataplane-*:3 fips-*:3
5qihvdd fips-*:5fc25fk
7w4g7wf *-fips:7ed7lz4
zik0zk fips-*:zik0zk aws-global
2 fips-*:2 aws-us-gov-global
5fjkk74
0 aws-global aws-global-fips iam iam-fips
0 aws-us-gov-global aws-us-gov-global-fips iam-govcloud iam-govcloud-fips
7el1yl4 fips-*:7ed67eo
7w4g1kv fips-*:7ed67eo
7rof3h6 fips-*:7ed6wow
7r3tfmi fips-*:7ed6wow
4fw00so
hrctog
5fenkuw fips-*:5fc2ups
4fw017c
4fw2ul4 api-*:4fw2ul4 data-*:4fw2ul4 fips-api-*:4fti4g0 fips-data-*:4fti4g0 fips-*:4fti4g0
1 api-*:1 data-*:1
2 api-*:2 data-*:2 fips-api-*:2 fips-data-*:2 fips-*:2
4orpuko
4fw2tzs
5fjkkeg fips-*:5fc2ups
7vzdm2n
7w4g7wf fips-*:4fti4g0
5rieycb
7w4g7wf *-fips:7w4g1kr ProdFips
3 *-fips:3 ProdFips
3 *-fips:1 ProdFips
1 *-fips:1 ProdFips
4g12n7s *-fips:4fti4g0
4g13cih
5oqu9ui
5ogunns
htrwuo
7ocjvqx fips-*:7ed6wow
htrwu8
7qj7omz fips-*:7ed67eo
hyrpqw
7ouns3f
7ounrzt fips-*:7ed6wow
5ptjq48 fips-*:5fc25fk
7nqpbaw
7ounoxk
7ouns3c fips-*:7ed6wow
4g1dvko
5ptjq49
7nskoyi fips
hra0hs sandbox
0 aws-global fips-aws-global
0 aws-us-gov-global fips-aws-us-gov-global
5g3lul4 fips-*:4fti4g0
7nsqbcq
0 aws-iso-e-global
7nry7vc
7w48j97 fips-*:7ed6wow
5fenkuw
7rnd721 fips-*:7ed6wow
7w4fs3h fips-*:7ed8b9c
7r4lgqj
7q01117 fips-*:7ed6wow
5fjndi0
4fylg61 fips-*:4ftitq8 ui-*:4fylg60
5qfjxi1
7eur0wo fips-*:7ed67eo
7twjgu7 fips-*:7ed6wow
7o1n0ig *-fips:7ed6wow rekognition-fips.*:7ed6wow rekognition.*:7ed6wow
2 rekognition-fips.*:2 rekognition.*:2 *-fips:2
7pz8huj
7w4g1kr
7w4g7wf fips-*:7ed8b9c aws-global s3-external-1
7rom3nf *-fips:7ed8b9c
1 *-fips:1
7qj7pff fips-*:7ed6wow
3 *-fips:3 *-fips-secondary:2 *-secondary:2
5femux4
3 *-fips:2
7r4lgmz
6nsr3m0
3 *-fips:1
7nqp9q0 fips-*:7ed67eo
7pym0re *-fips:7ed6wow
7rom9yz *-fips:7ed67eo
7rom3nf fips-*:7ed6wow
3 *-fips:3 servicediscovery servicediscovery-fips
7pz8huj fips-*:7ed67eo fips-verification-*:7ed67eo verification-*:7pz8huj
3 verification-*:3
3 fips-*:3 fips-verification-*:3 verification-*:3
7pf9bwb fips-*:7pf9bwb
7w4g7wf fips-*:7ed7lz4
7nqp9p4 fips-*:7ed67eo
7rokp2z fips-*:7ed6wow
3 *-fips:1 fips
7w4g7wf *-fips:7ed67eo aws-global
4fw00sg
7evzz2o fips-*:7ed6wow
5femvd4
5femvd4 ingest-fips-*:5fc25fk ingest-*:5fc25fk
4p0sfm8
7pyrn17 fips-*:7ed6wow
7ev29ga *-fips:7ed67eo
5fek26o fips-*:5fc25fk
4fylg5k fips-*:4ftitq8
7vkgi63
0 aws aws-fips aws-global aws-global-fips
7rokp2z fips-*:7rokp2z
4fw01e0 fips-*:4fti4g0
5p9993t fips-*:4fti4g0
4g13by8
4g13cjs fips-*:4fti4g0`;

/**
 * Services: botocore's name, `=` and that of the package of the AWS SDK for JavaScript where it differs, then by partition, in
 * the order above, the line of their endpoints in base 36; nothing where there are none.
 */
export const SERVICES = `
accessanalyzer:0,1,2,,,3,1,3 account:4,5 acm:6,1,1,1,1,3,1,3 acm-pca:0,1,7,1,,3,1,3 amp:8,,1 amplify:9
amplifybackend:a amplifyuibuilder:a apigateway=api-gateway:0,1,1,1,3,3,,3 apigatewayv2:0,1,1,1,3,3,,3
appconfig:b,1,7,1,1,3,1,3 appconfigdata:b,1,7,1,1,3,1,3 appflow:c appintegrations:d
application-autoscaling=application-auto-scaling:b,1,2,1,1,3,1,3 application-insights:e,1,7 appmesh=app-mesh:f,1
apprunner:g appstream:h,,i,1,3 appsync:j,1 arc-zonal-shift:b,1,1,1,1,3,1,3 athena:0,1,7,3,3,3,1,3 auditmanager:k
autoscaling=auto-scaling:0,1,1,1,1,3,1,3 autoscaling-plans=auto-scaling-plans:l,1,2 backup:b,1,1,1,1,,1,3
backup-gateway:m,,1 batch:n,1,7,1,1,3,1,3 bedrock:o,,p,q,3,,1,3 billingconductor:4 braket:r budgets:4,5,,s,t,u,v
ce=cost-explorer:4,5,,w,x,,y chime:4 chime-sdk-identity:z chime-sdk-media-pipelines:10 chime-sdk-meetings:11,,2
chime-sdk-messaging:z chime-sdk-voice:12 cleanrooms:13 cloud9:14 cloudcontrol:0,1,7,1,1,3,1,3 clouddirectory:15,,16
cloudformation:17,1,2,1,1,3,1,3 cloudfront:4,5 cloudhsm:18,,19 cloudhsmv2=cloudhsm-v2:1a,,1 cloudsearch:1b
cloudtrail:n,1,7,7,1c,3,1,3 cloudtrail-data:1d,,,,,3,1 cloudwatch:n,1,7,1,1,3,1,3 codeartifact:1e
codebuild:1f,1,2,1,3,,1 codecatalyst:4 codecommit:1g,1,i codedeploy:17,1,2,1,1,3,1,3 codeguru-reviewer:1h
codeguruprofiler:1h codepipeline:1i,1,7,,,,1 codestar-connections:1j,,3 codestar-notifications:1k
cognito-identity:n,3,1l,,,,,3 cognito-idp=cognito-identity-provider:n,,1l,,,,,3 cognito-sync:1m
comprehend:1n,,1o,1p,,,1 comprehendmedical:1q,,1o compute-optimizer:1r,1,1,3,3,3,1,3
config=config-service:n,1,7,7,1c,3,1,3 connect:1s,,1o connect-contact-lens:1t connectcampaigns:1u
connectcampaignsv2:1u connectcases:1u connectparticipant:1u,,1o controltower:6,,2,,,,,3
cost-optimization-hub:18,,,3,3,3,19,3 cur=cost-and-usage-report-service:18,19 customer-profiles:1s databrew:1v,1,1o
dataexchange:1w datapipeline=data-pipeline:1x,,,3 datasync:0,1,7,7,1,,,3 datazone:b,1,1,,,,,3 dax:1y,1,1
detective:1z,,2 devicefarm=device-farm:20 devops-guru:21 directconnect=direct-connect:0,1,7,1,1,3,1,3
discovery=application-discovery-service:22 dlm:b,1,2,1,1,3,1,3 dms=database-migration-service:23,1,24,24,25,3,24,3
docdb:26,1,27,27,28,3,1,3 drs:n,,7,,,,,3 ds=directory-service:29,1,7,7,1p,3,1,3 dynamodb:2a,1,2,1,1,3,1,3
dynamodbstreams=dynamodb-streams:2b,1,1,1,1,3,1,3 ebs:0,1,1,1,1,3,1,3 ec2:0,1,1,1,1,3,1,3 ecr:2c,1,2d,1,1,3,1,3
ecr-public:2e ecs:n,1,7,1,1,3,1,3 efs:2f,7,7,7,1c,1p,7,3 eks:n,1,7,1,1,3,1,3 eks-auth:b,1,1,,,,,3
elasticache:2g,1,2h,1,1,3,1,3 elasticbeanstalk=elastic-beanstalk:2i,1,2 elb=elastic-load-balancing:n,1,7,1,1,3,1,3
elbv2=elastic-load-balancing-v2:n,1,7,1,1,3,1,3 emr:0,1,7,7,1c,3,1,3 emr-containers:2j,1,7
emr-serverless:2k,1,7,3,3,3,,3 es=elasticsearch-service:2g,1,i,1,1,3,1,3 eventbridgev2:2l
events=eventbridge:n,1,7,1,1,3,1,3 finspace:2m finspace-data:2n firehose:n,1,7,1,1,3,1,3 fms:2o,1,7 forecast:2p
forecastquery:2p frauddetector:2q fsx:2r,1,2s,2t,3,,1,3 gamelift:2u,1 gameliftstreams:b,1,1,,,,,3 glacier:2v,1,7,7,1p
globalaccelerator=global-accelerator:2w glue:n,1,7,3,3,3,1,3 grafana:2x,,1 greengrass:2y,3,2z greengrassv2:2y,3,2z
groundstation:30 guardduty:31,1,2,1,3,,1,3 health:32,5,33,3,3,3,19,3 healthlake:34 iam:35,5,36,w,x,,y
identitystore:b,1,7,,,,3,3 importexport:4 inspector:37,,7 inspector2:38,1,7 internetmonitor:b,1,1,,,,,3 iot:39,1,7
iot-data=iot-data-plane:39,1,7 iot-jobs-data=iot-jobs-data-plane:3a,1,7 iotdeviceadvisor:3b iotfleetwise:3c
iotsecuretunneling:39,1,7 iotsitewise:3d,3,1o iotthingsgraph:3e iottwinmaker:3f,3g,3h iotwireless=iot-wireless:3i
ivs:3j ivs-realtime:3j ivschat:3j kafka:0,1,2,,,,,3 kafkaconnect:b,1,1 kendra:3k,,1o kendra-ranking:3l,1,1,,,,,3
keyspaces:3m,1,2 kinesis:n,1,7,1,1,3,1,3 kinesis-video-archived-media:3n,3,7,3 kinesis-video-media:3n,3,7,3
kinesis-video-signaling:3n,3,7,3 kinesis-video-webrtc-storage:3n,3,7,3
kinesisanalytics=kinesis-analytics:0,1,7,3,3,,,3 kinesisanalyticsv2=kinesis-analytics-v2:0,1,7,3,3,,,3
kinesisvideo=kinesis-video:3n,3,7,3 kms:3o,1,3p,3p,3q,3r,3p,3 lakeformation:n,1,7,3,3,3,1,3 lambda:n,1,7,1,1,3,1,3
lambda-core:n,1,7,1,1,3,1,3 lambda-microvms:n,1,7,1,1,3,1,3 lex-models=lex-model-building-service:3s,,16
lex-runtime=lex-runtime-service:3s,,16 lexv2-models=lex-models-v2:3t,,19 lexv2-runtime=lex-runtime-v2:3t,,19
license-manager:n,1,7,1,3,3,1,3 license-manager-linux-subscriptions:n,1,1 license-manager-user-subscriptions:38,,1
lightsail:3u location:3v,,1o logs=cloudwatch-logs:0,1,7,1,1,3,1,3 lookoutequipment:3w m2:3x,,7
machinelearning=machine-learning:3y macie2:3z managedblockchain:40,,19 managedblockchain-query:18
marketplace-agreement:18,,,1p,3,,19,3 marketplace-catalog:18
marketplace-entitlement=marketplace-entitlement-service:18,19,,,,,,3
marketplacecommerceanalytics=marketplace-commerce-analytics:18 mediaconnect:41 mediaconvert:42,19,1o
medialive:43,,,1p,1p mediapackage:44,,,3,3 mediapackage-vod:45 mediapackagev2:46 mediastore:47 mediastore-data:47
mediatailor:48 memorydb:49,1,1 meteringmarketplace=marketplace-metering:1r,19,1,,3,,,3 mgh=migration-hub:22 mgn:n,,7
migrationhuborchestrator:22 migrationhubstrategy:22 mq:n,1,7,3,,,,3 mturk:4a mwaa:j,1 neptune:26,1,27,27,28,3,1,3
network-firewall:2k,1,7,3,3,,,3 networkmanager:4b,,4c notifications:b,1,1,,,,,3 notificationscontacts:4 nova-act:18
oam:b,1,1,1,1,3,1,3 omics:4d opensearch:2g,1,i,1,1,3,1,3 opensearchserverless:4e,,1 organizations:4b,5,4c,w,x,4f,y
osis:4g,,1 outposts:4h,,7,3,3 partnercentral-channel:18 personalize:4i,3 pi:0,1,7,1,1,3,1,3 pinpoint:1n,,1o
pinpoint-email:4j,,7,,,,,3 pinpoint-sms-voice-v2:4k,,7,,,,,3 pipes:4l,1,,,,3,1 polly:4m,19,1o,,,,,3
pricing:3c,19,,3,3,3,19,3 proton:4n qbusiness:b,1,1,,,,,3 qconnect:4o quicksight:4p,3,1,,,,1 ram:0,1,2,1,1,3,1,3
rbin:0,1,7,7,1c,3,1,3 rds:26,1,27,27,28,3,1,3 rds-data:4q redshift:0,1,1,1,1,3,1,3 redshift-serverless:4r,1,7,,,3,1,3
rekognition:4s,,4t,,,3,1 resiliencehub:4u,,7 resiliencehubv2:4u,,7 resource-explorer-2:0,1,1
resource-groups:n,1,7,1,1,3,1,3 resourcegroupstaggingapi=resource-groups-tagging-api:b,1,1,1,1,3,1,3
rolesanywhere:n,1,7,,,3,1,3 route53=route-53:4b,5,4c,w,x,4f,y route53-recovery-control-config:4
route53domains=route-53-domains:18 route53profiles:b,1,1,,,3,1,3 route53resolver:6,1,2,1,1,3,1,3 rum:4v,,1,,,,,3
s3:4w,1,7,7,1c,3,1,3 s3control=s3-control:4x,1,2,2,4y,,,3 s3outposts:4z,,7,1p,1p sagemaker:6,1,50,3,3,3,1,3
sagemaker-edge:51 sagemaker-geospatial:20 sagemaker-metrics:6,1,1,3,3,3,1,3 sagemaker-runtime:17,1,52,3,3,,1,3
savingsplans:4,1,,,,4f,y scheduler:b,1,1,1,1,3,1,3 schemas:53,1,1,,,3,1 sdb=simpledb:54
secretsmanager=secrets-manager:6,1,2,2,55,3,1,3 securityhub:n,1,7,1,1,,1,3 securitylake:56,,2
serverlessrepo=serverlessapplicationrepository:57,1,2 service-quotas:b,1,7,1,1,3,1,3
servicecatalog=service-catalog:58,1,2,,,3 servicecatalog-appregistry=service-catalog-appregistry:59,,1
servicediscovery:6,1,5a,1,1,3,1,3 ses:4j,,7,,,,,3 sesv2:4j,,7,,,,,3 shield:4b signer:5b,5c,5d,,,,,3 simpledbv2:54
snowball:5e,7,7,1,3 sns:5f,1,7,1,1,3,1,3 sqs:0,1,7,7,1c,3,7,3 ssm:0,1,7,1,1,3,1,3 ssm-contacts:5g ssm-incidents:21
ssm-quicksetup:21 ssm-sap:5h sso:b,1,1,,,,,3 sso-admin:b,1,2,,,,,3 sso-oidc:b,1,1,,,,,3
stepfunctions=sfn:0,1,7,7,1c,3,1,3 storagegateway=storage-gateway:6,1,i,1,5i,,,3 sts:5j,1,2,1,1,3,1,3
support:4,5,33,w,x support-app:5k swf:0,1,2,7,1c,3,1,3 synthetics:0,1,7,1,1,3,1,3 taxsettings:4 textract:5l,,7,3,,,1
timestream-query:5m,,19 timestream-write:5n,,16 tnb:5o transcribe:5p,1,7,1p,,,1 transfer:0,1,7,,,,,3
translate:5q,,16,4y,,,1 trustedadvisor:5r,,,,,3,19,3 verifiedpermissions:0,1,7 voice-id:5s vpc-lattice:5t waf:5u
waf-regional:5v,7,7 wafv2:2f,7,7,3,3,,,3 wellarchitected:1k,,1 wisdom:4o workdocs:5w workmail:5k
workspaces:5x,19,7,7,1p workspaces-thin-client:5y workspaces-web:5z xray:n,1,7,1,1,3,1,3`;

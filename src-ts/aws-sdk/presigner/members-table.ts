/** Where members of S3's operations travel; written by scripts/s3-members.mjs from the model of botocore 1.43.106, not by hand. */

/** Operations on a bucket, on an object, or on neither. */
export const OPERATIONS = `
AbortMultipartUpload CompleteMultipartUpload CopyObject CreateBucket CreateBucketMetadataConfiguration
CreateBucketMetadataTableConfiguration CreateMultipartUpload CreateSession DeleteBucket
DeleteBucketAnalyticsConfiguration DeleteBucketCors DeleteBucketEncryption DeleteBucketIntelligentTieringConfiguration
DeleteBucketInventoryConfiguration DeleteBucketLifecycle DeleteBucketMetadataConfiguration
DeleteBucketMetadataTableConfiguration DeleteBucketMetricsConfiguration DeleteBucketOwnershipControls
DeleteBucketPolicy DeleteBucketReplication DeleteBucketTagging DeleteBucketWebsite DeleteObject DeleteObjectAnnotation
DeleteObjectTagging DeleteObjects DeletePublicAccessBlock GetBucketAbac GetBucketAccelerateConfiguration GetBucketAcl
GetBucketAnalyticsConfiguration GetBucketCors GetBucketEncryption GetBucketIntelligentTieringConfiguration
GetBucketInventoryConfiguration GetBucketLifecycle GetBucketLifecycleConfiguration GetBucketLocation GetBucketLogging
GetBucketMetadataConfiguration GetBucketMetadataTableConfiguration GetBucketMetricsConfiguration GetBucketNotification
GetBucketNotificationConfiguration GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus
GetBucketReplication GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite GetObject
GetObjectAcl GetObjectAnnotation GetObjectAttributes GetObjectLegalHold GetObjectLockConfiguration GetObjectRetention
GetObjectTagging GetObjectTorrent GetPublicAccessBlock HeadBucket HeadObject ListBucketAnalyticsConfigurations
ListBucketIntelligentTieringConfigurations ListBucketInventoryConfigurations ListBucketMetricsConfigurations
ListBuckets ListDirectoryBuckets ListMultipartUploads ListObjectAnnotations ListObjectVersions ListObjects
ListObjectsV2 ListParts PutBucketAbac PutBucketAccelerateConfiguration PutBucketAcl PutBucketAnalyticsConfiguration
PutBucketCors PutBucketEncryption PutBucketIntelligentTieringConfiguration PutBucketInventoryConfiguration
PutBucketLifecycle PutBucketLifecycleConfiguration PutBucketLogging PutBucketMetricsConfiguration
PutBucketNotification PutBucketNotificationConfiguration PutBucketOwnershipControls PutBucketPolicy
PutBucketReplication PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite PutObject
PutObjectAcl PutObjectAnnotation PutObjectLegalHold PutObjectLockConfiguration PutObjectRetention PutObjectTagging
PutPublicAccessBlock RenameObject RestoreObject SelectObjectContent UpdateBucketMetadataAnnotationTableConfiguration
UpdateBucketMetadataInventoryTableConfiguration UpdateBucketMetadataJournalTableConfiguration UpdateObjectEncryption
UploadPart UploadPartCopy`;

/** One member a line: its name, where it travels, under which name, and whether it is a text, number, boolean or map of texts. */
export const MEMBERS = `
ACL header x-amz-acl s
AnnotationDirective header x-amz-object-annotation-directive s
AnnotationName query annotationName s
AnnotationPrefix query annotation-prefix s
BucketKeyEnabled header x-amz-server-side-encryption-bucket-key-enabled b
BucketNamespace header x-amz-bucket-namespace s
BucketRegion query bucket-region s
BypassGovernanceRetention header x-amz-bypass-governance-retention b
CacheControl header Cache-Control s
ChecksumCRC32 header x-amz-checksum-crc32 s
ChecksumCRC32C header x-amz-checksum-crc32c s
ChecksumCRC64NVME header x-amz-checksum-crc64nvme s
ChecksumMD5 header x-amz-checksum-md5 s
ChecksumMode header x-amz-checksum-mode s
ChecksumSHA1 header x-amz-checksum-sha1 s
ChecksumSHA256 header x-amz-checksum-sha256 s
ChecksumSHA512 header x-amz-checksum-sha512 s
ChecksumType header x-amz-checksum-type s
ChecksumXXHASH128 header x-amz-checksum-xxhash128 s
ChecksumXXHASH3 header x-amz-checksum-xxhash3 s
ChecksumXXHASH64 header x-amz-checksum-xxhash64 s
ClientToken header x-amz-client-token s
ConfirmRemoveSelfBucketAccess header x-amz-confirm-remove-self-bucket-access b
ContentDisposition header Content-Disposition s
ContentEncoding header Content-Encoding s
ContentLanguage header Content-Language s
ContentLength header Content-Length n
ContentMD5 header Content-MD5 s
ContentType header Content-Type s
ContinuationToken query continuation-token s
CopySource header x-amz-copy-source s
CopySourceIfMatch header x-amz-copy-source-if-match s
CopySourceIfNoneMatch header x-amz-copy-source-if-none-match s
CopySourceRange header x-amz-copy-source-range s
CopySourceSSECustomerAlgorithm header x-amz-copy-source-server-side-encryption-customer-algorithm s
Delimiter query delimiter s
DestinationIfMatch header If-Match s
DestinationIfNoneMatch header If-None-Match s
EncodingType query encoding-type s
ExpectedBucketOwner header x-amz-expected-bucket-owner s
ExpectedSourceBucketOwner header x-amz-source-expected-bucket-owner s
FetchOwner query fetch-owner b
GrantFullControl header x-amz-grant-full-control s
GrantRead header x-amz-grant-read s
GrantReadACP header x-amz-grant-read-acp s
GrantWrite header x-amz-grant-write s
GrantWriteACP header x-amz-grant-write-acp s
Id query id s
IfMatch header If-Match s
IfMatchSize header x-amz-if-match-size n
IfNoneMatch header If-None-Match s
KeyMarker query key-marker s
MFA header x-amz-mfa s
Marker query marker s
MaxAnnotationResults query max-annotation-results n
MaxBuckets query max-buckets n
MaxDirectoryBuckets query max-directory-buckets n
MaxKeys query max-keys n
MaxUploads query max-uploads n
Metadata headers x-amz-meta- m
MetadataDirective header x-amz-metadata-directive s
MpuObjectSize header x-amz-mp-object-size n
ObjectIfMatch header x-amz-object-if-match s
ObjectLockEnabledForBucket header x-amz-bucket-object-lock-enabled b
ObjectLockEventHold header x-amz-object-lock-event-hold s
ObjectLockEventHoldDurationDays header x-amz-object-lock-event-hold-duration-days n
ObjectLockEventHoldDurationYears header x-amz-object-lock-event-hold-duration-years n
ObjectLockLegalHoldStatus header x-amz-object-lock-legal-hold s
ObjectLockMode header x-amz-object-lock-mode s
ObjectOwnership header x-amz-object-ownership s
PartNumber query partNumber n
Prefix query prefix s
Range header Range s
RenameSource header x-amz-rename-source s
RequestPayer header x-amz-request-payer s
ResponseCacheControl query response-cache-control s
ResponseContentDisposition query response-content-disposition s
ResponseContentEncoding query response-content-encoding s
ResponseContentLanguage query response-content-language s
ResponseContentType query response-content-type s
SSECustomerAlgorithm header x-amz-server-side-encryption-customer-algorithm s
SSEKMSEncryptionContext header x-amz-server-side-encryption-context s
SSEKMSKeyId header x-amz-server-side-encryption-aws-kms-key-id s
ServerSideEncryption header x-amz-server-side-encryption s
SessionMode header x-amz-create-session-mode s
SkipDestinationValidation header x-amz-skip-destination-validation b
SourceIfMatch header x-amz-rename-source-if-match s
SourceIfNoneMatch header x-amz-rename-source-if-none-match s
StartAfter query start-after s
StorageClass header x-amz-storage-class s
Tagging header x-amz-tagging s
TaggingDirective header x-amz-tagging-directive s
Token header x-amz-bucket-object-lock-token s
TransitionDefaultMinimumObjectSize header x-amz-transition-default-minimum-object-size s
UploadId query uploadId s
UploadIdMarker query upload-id-marker s
VersionId query versionId s
VersionIdMarker query version-id-marker s
WebsiteRedirectLocation header x-amz-website-redirect-location s
WriteOffsetBytes header x-amz-write-offset-bytes n`;

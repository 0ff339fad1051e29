# The variables of the whole deployment. The settings of a unit are beside the unit: api.tf, worker.tf,
# stream.tf.

variable "project_id" {
  description = "Id of the Google Cloud project. A project holds one deployment, because the names of resources are fixed."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "A project id has 6 to 30 lower-case letters, digits and hyphens. Use the id, not the number or the name."
  }
}

variable "region" {
  description = "Region of the units, the queues and the buckets. It cannot be changed later: the database, the buckets and the queues stay where they are, so another region needs another project."
  type        = string
  default     = "us-central1"

  validation {
    condition     = contains(local.regions, var.region)
    error_message = "region must be one of: ${join(", ", local.regions)}. If Google has opened another region since, add it to local.regions in terraform/variables.tf."
  }
}

variable "domain" {
  description = "Host name of the page and the API. Its A record must be the output ip_address. Empty (the shape small): the page has the address that Cloud Run gives it, and there is no load balancer, no Cloud Armor and no CDN. A domain can be added and taken away later; no data is lost."
  type        = string
  default     = ""

  validation {
    condition     = var.domain == "" || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+([a-z]{2,63}|xn--[a-z0-9-]{0,58}[a-z0-9])$", var.domain))
    error_message = "domain must be empty or a lower-case host name such as media.example.com, without https:// and without a dot at the end. Each part between two dots has 1 to 63 letters, digits and hyphens; a name in other letters is written as its form with xn--."
  }

  # https://cloud.google.com/load-balancing/docs/ssl-certificates/google-managed-certs
  validation {
    condition     = length(var.domain) <= 64
    error_message = "domain must have at most 64 characters: Google issues no managed certificate for a longer name."
  }
}

variable "allowed_origins" {
  description = "Origins of other pages that may call the API, e.g. https://app.example.com."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.allowed_origins : can(regex("^https?://[a-z0-9.-]+(:[0-9]{1,5})?$", origin))])
    error_message = "An origin is http:// or https://, a lower-case host, and a port if there is one: https://app.example.com. It has no path, no slash at the end and no wildcard."
  }
}

variable "sign_in_origins" {
  description = "Origins that a sign-in script of your own loads from or sends requests to. The page's content security policy allows them."
  type        = list(string)
  default     = []

  # They stand in a header: a quote, a semicolon or a line break would end it.
  validation {
    condition     = alltrue([for origin in var.sign_in_origins : can(regex("^https://[a-z0-9.-]+(:[0-9]{1,5})?$", origin))])
    error_message = "An origin is https://, a lower-case host, and a port if there is one: https://login.example.com. It has no path, no slash at the end and no wildcard."
  }

  validation {
    condition     = length(var.sign_in_origins) == 0 || var.domain != ""
    error_message = "sign_in_origins need a domain: without one, the stream serves the page, with a policy for the sign-in that comes with it."
  }
}

variable "adopt" {
  description = "What the project has already and Terraform takes over at the next apply: identity_platform (it outlives terraform destroy), database (it has the name firestore_database), rules (Firestore rules were released before)."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.adopt, ["identity_platform", "database", "rules"])) == 0
    error_message = "adopt may have identity_platform, database and rules."
  }
}

variable "cpu_quota" {
  description = "vCPUs that the instances of one service may have together. A new project may have 20: the default of the api, 20 instances × 1 vCPU, is all of it. Raise this number after Google has raised the quota: https://cloud.google.com/run/quotas"
  type        = number
  default     = 20

  validation {
    condition     = var.cpu_quota >= 1 && floor(var.cpu_quota) == var.cpu_quota
    error_message = "cpu_quota must be a whole number of at least 1."
  }
}

variable "memory_quota_gib" {
  description = "GiB of memory that the instances of one service may have together. A new project may have 40. Raise this number after Google has raised the quota."
  type        = number
  default     = 40

  validation {
    condition     = var.memory_quota_gib >= 1 && floor(var.memory_quota_gib) == var.memory_quota_gib
    error_message = "memory_quota_gib must be a whole number of at least 1."
  }
}

variable "stream_image" {
  description = "The stream's container image, by tag or digest: REGION-docker.pkg.dev/PROJECT/media/stream:TAG."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]+-docker\\.pkg\\.dev/[a-z0-9:.-]+/[a-z0-9/._-]+(:[A-Za-z0-9_.-]{1,128}|@sha256:[0-9a-f]{64})$", var.stream_image))
    error_message = "stream_image must be an image in Artifact Registry with a tag or digest. Without one, Terraform would not see a new build."
  }
}

variable "log_level" {
  description = "Lowest severity of the lines that the units log."
  type        = string
  default     = "info"

  validation {
    condition     = contains(["debug", "info", "warn", "error"], var.log_level)
    error_message = "log_level must be debug, info, warn or error. The metrics behind the alerts need info or debug."
  }
}

variable "firestore_answer_s" {
  description = "Seconds that a call waits for Firestore, a transaction with all its tries, or for Cloud Tasks. The API answers within twice that, and a task comes again."
  type        = number
  default     = 12

  validation {
    condition     = var.firestore_answer_s >= 1 && var.firestore_answer_s <= 60 && floor(var.firestore_answer_s) == var.firestore_answer_s
    error_message = "firestore_answer_s must be a whole number, 1 to 60: whoever asks waits for it, twice at most."
  }
}

variable "otlp_endpoint" {
  description = "Address that the units send OpenTelemetry spans to. Empty: no spans are sent."
  type        = string
  default     = ""

  validation {
    condition     = var.otlp_endpoint == "" || can(regex("^https?://[^\\s]+$", var.otlp_endpoint))
    error_message = "otlp_endpoint must be empty or the http(s) address of an OTLP/HTTP collector."
  }
}

variable "deletion_protection" {
  description = "Whether Google refuses to delete the database, and Terraform the buckets that are not empty. Set it to false and apply before terraform destroy, which then deletes all media for ever."
  type        = bool
  default     = true
}

variable "api_is_open_by_grant" {
  description = "Whether the api is open by a grant to everybody. Some organisations refuse that grant (iam.allowedPolicyMemberDomains). Then set this to false, and after the first apply: gcloud run services update media-api --region=REGION --no-invoker-iam-check. The stream needs no grant."
  type        = bool
  default     = true
}

locals {
  # A name, and a host with a dot in it. Whether the address exists, only a mail can say.
  email = "^[^@\\s,;<>\"]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?[.])+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$"

  # Where Cloud Run functions, Cloud Tasks, Cloud Scheduler and Firestore can be had (November 2026):
  # https://cloud.google.com/functions/docs/locations
  regions = [
    "africa-south1",
    "asia-east1", "asia-east2", "asia-northeast1", "asia-northeast2", "asia-northeast3", "asia-south1", "asia-south2",
    "asia-southeast1", "asia-southeast2",
    "australia-southeast1", "australia-southeast2",
    "europe-central2", "europe-north1", "europe-southwest1", "europe-west1", "europe-west2", "europe-west3", "europe-west4",
    "europe-west6", "europe-west8", "europe-west9", "europe-west10", "europe-west12",
    "me-central1", "me-central2", "me-west1",
    "northamerica-northeast1", "northamerica-northeast2",
    "southamerica-east1", "southamerica-west1",
    "us-central1", "us-east1", "us-east4", "us-east5", "us-south1", "us-west1", "us-west2", "us-west3", "us-west4",
  ]
}

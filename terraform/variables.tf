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
  description = "Region of the units, the queues and the buckets."
  type        = string
  default     = "us-central1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region must be a region of Google Cloud such as us-central1."
  }
}

variable "domain" {
  description = "Host name of the page and the API. Its A record must be the output ip_address."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain must be a lower-case host name such as media.example.com, without https:// and without a dot at the end."
  }
}

variable "allowed_origins" {
  description = "Origins of other pages that may call the API, e.g. https://app.example.com."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.allowed_origins : can(regex("^https?://[^/*]+$", origin))])
    error_message = "An origin is scheme and host, with no path, no slash at the end and no wildcard."
  }
}

variable "sign_in_origins" {
  description = "Origins that your sign-in script loads from or sends requests to. The page's content security policy allows them."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.sign_in_origins : can(regex("^https://[^/ ;,]+$", origin))])
    error_message = "An origin is https:// and a host, with no path."
  }
}

variable "stream_image" {
  description = "The stream's container image, by tag or digest: REGION-docker.pkg.dev/PROJECT/media/stream:TAG."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]+-docker\\.pkg\\.dev/.+/.+/.+[:@].+$", var.stream_image))
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

variable "otlp_endpoint" {
  description = "Address that the units send OpenTelemetry spans to. Empty: no spans are sent."
  type        = string
  default     = ""

  validation {
    condition     = var.otlp_endpoint == "" || can(regex("^https?://", var.otlp_endpoint))
    error_message = "otlp_endpoint must be empty or the http(s) address of an OTLP/HTTP collector."
  }
}

variable "deletion_protection" {
  description = "Whether Google refuses to delete the database. Set it to false and apply before terraform destroy."
  type        = bool
  default     = true
}

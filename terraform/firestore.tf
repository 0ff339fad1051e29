# The database. Its indexes, expiry and rules come from firestore.indexes.json and firestore.rules, the
# same files that the Firebase tools read.

variable "firestore_database" {
  description = "Name of the database. Only \"(default)\" has a free tier."
  type        = string
  default     = "(default)"

  validation {
    condition     = can(regex("^(\\(default\\)|[a-z][a-z0-9-]{2,61}[a-z0-9])$", var.firestore_database))
    error_message = "firestore_database must be \"(default)\", or 4 to 63 lower-case letters, digits and hyphens."
  }

  # https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases/create
  validation {
    condition     = !can(regex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", var.firestore_database))
    error_message = "firestore_database must not look like a UUID."
  }
}

variable "firestore_location" {
  description = "Location of the database: a region, or a multi-region such as nam5 or eur3. Empty: the units' region. The location cannot be changed later."
  type        = string
  default     = ""

  validation {
    condition     = var.firestore_location == "" || contains(concat(["nam5", "nam7", "eur3"], local.regions), var.firestore_location)
    error_message = "firestore_location must be empty, nam5, nam7, eur3, or one of: ${join(", ", local.regions)}."
  }
}

variable "backup_days" {
  description = "Days for which a daily backup of the database is kept. 0: no backups. docs/day-two.md says how to restore one."
  type        = number
  default     = 7

  validation {
    condition     = var.backup_days >= 0 && var.backup_days <= 98 && floor(var.backup_days) == var.backup_days
    error_message = "backup_days must be a whole number, 0 to 98: https://cloud.google.com/firestore/docs/backups"
  }
}

variable "point_in_time_recovery" {
  description = "Keeps the database's state of each minute of the last seven days, for recovery. Costs storage."
  type        = bool
  default     = false
}

locals {
  firestore = jsondecode(file("${path.module}/../firestore.indexes.json"))

  # Firestore ends each index with __name__, in the direction of the field before it. Terraform names
  # __name__ only if it has the other direction:
  # https://cloud.google.com/firestore/docs/query-data/index-overview
  # A vector comes after __name__, and Terraform has to name it there: without it, each plan would build the index anew.
  # https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/firestore_index
  firestore_indexes = {
    for index in local.firestore.indexes :
    join("-", concat([index.collectionGroup], [for field in index.fields : "${field.fieldPath}.${try(field.order, field.arrayConfig, "VECTOR")}"])) => {
      collection  = index.collectionGroup
      query_scope = index.queryScope
      fields = [
        for i, field in index.fields : field
        if field.fieldPath != "__name__" || i < length(index.fields) - 1 || try(field.order, "") != (i == 0 ? "" : try(index.fields[i - 1].order, "ASCENDING"))
      ]
    }
  }

  firestore_fields = {
    for field in local.firestore.fieldOverrides : "${field.collectionGroup}.${field.fieldPath}" => field
  }
}

resource "google_firestore_database" "media" {
  name                              = var.firestore_database
  location_id                       = var.firestore_location == "" ? var.region : var.firestore_location
  type                              = "FIRESTORE_NATIVE"
  delete_protection_state           = var.deletion_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = "DELETE"
  point_in_time_recovery_enablement = var.point_in_time_recovery ? "POINT_IN_TIME_RECOVERY_ENABLED" : "POINT_IN_TIME_RECOVERY_DISABLED"

  depends_on = [time_sleep.services_known]
}

import {
  for_each = toset(contains(var.adopt, "database") ? ["media"] : [])
  to       = google_firestore_database.media
  id       = "projects/${var.project_id}/databases/${var.firestore_database}"
}

resource "google_firestore_backup_schedule" "daily" {
  count = var.backup_days == 0 ? 0 : 1

  database  = google_firestore_database.media.name
  retention = "${var.backup_days * 24 * 3600}s"

  daily_recurrence {}
}

resource "google_firestore_index" "media" {
  for_each = local.firestore_indexes

  database    = google_firestore_database.media.name
  collection  = each.value.collection
  query_scope = each.value.query_scope

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path   = fields.value.fieldPath
      order        = try(fields.value.order, null)
      array_config = try(fields.value.arrayConfig, null)

      dynamic "vector_config" {
        for_each = try([fields.value.vectorConfig], [])
        content {
          dimension = vector_config.value.dimension
          flat {}
        }
      }
    }
  }

  # The units depend on the indexes: a new index is there before the code that needs it, and an old one goes after it.
  lifecycle {
    create_before_destroy = true
  }
}

# Records that expire (TTL), and fields that need no index because no query uses them.
resource "google_firestore_field" "media" {
  for_each = local.firestore_fields

  database   = google_firestore_database.media.name
  collection = each.value.collectionGroup
  field      = each.value.fieldPath

  dynamic "ttl_config" {
    for_each = try(each.value.ttl, false) ? [1] : []
    content {}
  }

  index_config {
    dynamic "indexes" {
      for_each = each.value.indexes
      content {
        order        = try(indexes.value.order, null)
        array_config = try(indexes.value.arrayConfig, null)
        query_scope  = indexes.value.queryScope
      }
    }
  }
}

resource "google_firebaserules_ruleset" "firestore" {
  source {
    files {
      name    = "firestore.rules"
      content = file("${path.module}/../firestore.rules")
    }
  }

  # Create the new ruleset first: the release uses the old one until its update.
  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_firestore_database.media]
}

locals {
  rules_release = var.firestore_database == "(default)" ? "cloud.firestore" : "cloud.firestore/${var.firestore_database}"
}

resource "google_firebaserules_release" "firestore" {
  name         = local.rules_release
  ruleset_name = "projects/${var.project_id}/rulesets/${google_firebaserules_ruleset.firestore.name}"

  lifecycle {
    replace_triggered_by = [google_firebaserules_ruleset.firestore]
  }
}

import {
  for_each = toset(contains(var.adopt, "rules") ? ["firestore"] : [])
  to       = google_firebaserules_release.firestore
  id       = "projects/${var.project_id}/releases/${local.rules_release}"
}

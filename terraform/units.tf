# Values that all units share.

locals {
  has_domain = var.domain != ""

  service_names = {
    api    = "media-api"
    worker = "media-worker"
    stream = "media-stream"
  }
  # Cloud Run gives every service this address, which is known before the service is there:
  # https://cloud.google.com/run/docs/triggering/https-request#deterministic
  service_urls = {
    for unit, name in local.service_names :
    unit => "https://${name}-${data.google_project.this.number}.${var.region}.run.app"
  }

  # Without a domain, the stream serves the page, and the page calls the api at the api's own address.
  page_url    = local.has_domain ? "https://${var.domain}" : local.service_urls.stream
  api_url     = local.has_domain ? local.page_url : local.service_urls.api
  api_origins = concat(local.has_domain ? [] : [local.page_url], var.allowed_origins)

  # Node.js itself reads these.
  process_environment = {
    # By default Node's young generation grows to three times 16 MB, which a unit with a small heap does not need.
    # V8 does not see the bytes that are streamed: functions/process/memory.ts asks it to collect them.
    # `npm run deploy:check` compares this value with local/base/units.ts.
    NODE_OPTIONS = "--max-semi-space-size=2 --expose-gc"
  }

  # The defaults are those of Identity Platform, which are the same as Firebase Authentication's:
  # https://firebase.google.com/docs/auth/admin/verify-id-tokens
  auth_issuer   = coalesce(var.auth_issuer, "https://securetoken.google.com/${var.project_id}")
  auth_audience = coalesce(var.auth_audience, var.project_id)

  capacities = {
    api    = var.api_capacity
    worker = var.worker_capacity
    stream = var.stream_capacity
  }
  vcpus = { for unit, capacity in local.capacities : unit => try(tonumber(capacity.cpu), 0) }
  mebibytes = {
    for unit, capacity in local.capacities :
    unit => try(tonumber(regex("^([0-9]+)(Mi|Gi)$", capacity.memory)[0]) * (endswith(capacity.memory, "Gi") ? 1024 : 1), 0)
  }
  # The most MiB for so many vCPUs, and the fewest: https://cloud.google.com/run/docs/configuring/services/memory-limits
  most_mebibytes = {
    for unit, vcpus in local.vcpus :
    unit => vcpus >= 8 ? 32768 : vcpus >= 6 ? 24576 : vcpus >= 4 ? 16384 : vcpus >= 2 ? 8192 : vcpus >= 1 ? 4096 : vcpus >= 0.5 ? 1024 : 512
  }
  fewest_mebibytes = { for unit, vcpus in local.vcpus : unit => vcpus >= 6 ? 4096 : vcpus >= 4 ? 2048 : 128 }
}

# Refuses at plan what Cloud Run would refuse in the middle of an apply.
resource "terraform_data" "capacity" {
  for_each = local.capacities

  lifecycle {
    precondition {
      condition     = can(regex("^(0[.](0[89]|[1-9])[0-9]{0,2}|[12468])$", each.value.cpu))
      error_message = "${each.key}_capacity: cpu must be 1, 2, 4, 6 or 8, or a fraction from 0.08 to 0.999, and not \"${each.value.cpu}\"."
    }
    precondition {
      condition     = each.value.concurrency >= 1 && each.value.concurrency <= 1000 && floor(each.value.concurrency) == each.value.concurrency
      error_message = "${each.key}_capacity: concurrency must be a whole number, 1 to 1000, the most that Cloud Run sends to one instance."
    }
    precondition {
      condition     = each.value.concurrency == 1 || local.vcpus[each.key] >= 1
      error_message = "${each.key}_capacity: set cpu to 1 or more, or concurrency to 1: more than one request at a time needs a whole CPU."
    }
    precondition {
      condition     = each.value.max_instances >= 1 && floor(each.value.max_instances) == each.value.max_instances
      error_message = "${each.key}_capacity: max_instances must be a whole number of at least 1."
    }
    precondition {
      condition     = each.value.min_instances >= 0 && each.value.min_instances <= each.value.max_instances && floor(each.value.min_instances) == each.value.min_instances
      error_message = "${each.key}_capacity: min_instances must be a whole number, 0 to max_instances (${each.value.max_instances})."
    }
    precondition {
      condition     = can(regex("^[0-9]+(Mi|Gi)$", each.value.memory))
      error_message = "${each.key}_capacity: write the memory in Mi or Gi, for example 512Mi, and not \"${each.value.memory}\"."
    }
    precondition {
      condition     = local.mebibytes[each.key] >= local.fewest_mebibytes[each.key] && local.mebibytes[each.key] <= local.most_mebibytes[each.key]
      error_message = "${each.key}_capacity: with cpu ${each.value.cpu}, memory must be ${local.fewest_mebibytes[each.key]}Mi to ${local.most_mebibytes[each.key]}Mi."
    }
    precondition {
      condition     = each.value.max_instances * local.vcpus[each.key] <= var.cpu_quota
      error_message = "${each.key}_capacity: max_instances × cpu is ${each.value.max_instances * local.vcpus[each.key]} vCPUs, and cpu_quota is ${var.cpu_quota}. A new project may have 20 for each service; ask Google for more, then raise cpu_quota."
    }
    precondition {
      condition     = each.value.max_instances * local.mebibytes[each.key] <= var.memory_quota_gib * 1024
      error_message = "${each.key}_capacity: max_instances × memory is ${each.value.max_instances * local.mebibytes[each.key] / 1024} GiB, and memory_quota_gib is ${var.memory_quota_gib}. A new project may have 40 for each service; ask Google for more, then raise memory_quota_gib."
    }
  }
}

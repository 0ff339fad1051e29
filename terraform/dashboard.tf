locals {
  by_queue   = ["resource.labels.queue_id"]
  by_service = ["resource.labels.service_name"]

  # title, filter, aligner, reducer, group by
  charts = [
    ["Waiting tasks", local.queue_depth, "ALIGN_MAX", "REDUCE_MAX", local.by_queue],
    ["How long tasks wait, p99 (ms)", local.queue_delay, "ALIGN_DELTA", "REDUCE_PERCENTILE_99", local.by_queue],
    ["Finished media, by outcome", local.media_finished, "ALIGN_DELTA", "REDUCE_SUM", ["metric.labels.outcome", "metric.labels.code"]],
    ["From write to push, p99 (ms)", local.push_age, "ALIGN_DELTA", "REDUCE_PERCENTILE_99", []],
    ["Requests a second", local.requests, "ALIGN_RATE", "REDUCE_SUM", concat(local.by_service, ["metric.labels.response_code_class"])],
    ["Time to answer, p99 (ms)", local.latencies, "ALIGN_DELTA", "REDUCE_PERCENTILE_99", local.by_service],
    ["Instances", local.instances, "ALIGN_MAX", "REDUCE_SUM", local.by_service],
    ["Cost of an analysis, mean (USD)", local.analysis_cost, "ALIGN_DELTA", "REDUCE_MEAN", []],
  ]
}

resource "google_monitoring_dashboard" "media" {
  dashboard_json = jsonencode({
    displayName = "media-analysis"
    mosaicLayout = {
      columns = 48
      tiles = [
        for i, chart in local.charts : merge(
          # The API does not return positions that are 0, and each plan would show a change. So they are
          # left out.
          { for name, at in { xPos = (i % 2) * 24, yPos = floor(i / 2) * 16 } : name => at if at > 0 },
          {
            width  = 24
            height = 16
            widget = {
              title = chart[0]
              xyChart = {
                dataSets = [{
                  plotType = "LINE"
                  timeSeriesQuery = {
                    timeSeriesFilter = {
                      filter = chart[1]
                      aggregation = merge(
                        { for name, fields in { groupByFields = chart[4] } : name => fields if length(fields) > 0 },
                        {
                          alignmentPeriod    = "60s"
                          perSeriesAligner   = chart[2]
                          crossSeriesReducer = chart[3]
                        },
                      )
                    }
                  }
                }]
              }
            }
          },
        )
      ]
    }
  })

  depends_on = [time_sleep.metrics_known]
}

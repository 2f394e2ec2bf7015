import CoreMetrics
import Metrics
import Testing

@testable import Serving

/// The text is held against the format's description, https://prometheus.io/docs/instrumenting/exposition_formats/.
@Suite struct PrometheusTests {
    @Test func countersGaugesAndLabelsAreWrittenInOrder() {
        let registry = PrometheusRegistry()
        Counter(label: "hits", dimensions: [("b", "2"), ("a", "1")], factory: registry)
            .increment(by: 3)
        Counter(label: "hits", dimensions: [("a", "0")], factory: registry).increment()
        Gauge(label: "held.bytes", dimensions: [], factory: registry).record(2.5)
        Meter(label: "active", dimensions: [], factory: registry).set(7)
        #expect(
            registry.text == """
                # TYPE active gauge
                active 7
                # TYPE held_bytes gauge
                held_bytes 2.5
                # TYPE hits_total counter
                hits_total{a="0"} 1
                hits_total{a="1",b="2"} 3
                # TYPE metrics_dropped_series_total counter
                metrics_dropped_series_total 0

                """)
    }

    @Test func timersAreHistogramsOfSeconds() {
        let registry = PrometheusRegistry()
        let timer = Metrics.Timer(label: "wait", dimensions: [("route", "x")], factory: registry)
        timer.recordNanoseconds(250_000)
        timer.recordNanoseconds(250_001)
        timer.recordNanoseconds(120_000_000_000)
        let lines = registry.text.split(separator: "\n").map(String.init)
        #expect(lines.first == "# TYPE wait_seconds histogram")
        #expect(lines.contains("wait_seconds_bucket{route=\"x\",le=\"0.0001\"} 0"))
        #expect(lines.contains("wait_seconds_bucket{route=\"x\",le=\"0.00025\"} 1"))
        #expect(lines.contains("wait_seconds_bucket{route=\"x\",le=\"0.0005\"} 2"))
        #expect(lines.contains("wait_seconds_bucket{route=\"x\",le=\"60\"} 2"))
        #expect(lines.contains("wait_seconds_bucket{route=\"x\",le=\"+Inf\"} 3"))
        #expect(lines.contains("wait_seconds_count{route=\"x\"} 3"))
        #expect(lines.contains { $0.hasPrefix("wait_seconds_sum{route=\"x\"} 120.0005") })
    }

    @Test func namesAndLabelsCannotBreakTheFormat() {
        let registry = PrometheusRegistry()
        Counter(label: "9 lives\n", dimensions: [("a-b", "x\"y\\z\nw")], factory: registry)
            .increment()
        #expect(registry.text.contains("_9_lives__total{a_b=\"x\\\"y\\\\z\\nw\"} 1\n"))
    }

    @Test func numbersAreWrittenAsTheFormatHasThem() {
        #expect(PrometheusText.number(.nan) == "NaN")
        #expect(PrometheusText.number(.infinity) == "+Inf")
        #expect(PrometheusText.number(-.infinity) == "-Inf")
        #expect(PrometheusText.number(0.1) == "0.1")
        #expect(PrometheusText.number(3) == "3")
        #expect(PrometheusText.number(1e300) == "1e+300")
    }

    @Test func seriesBeyondTheLimitAreCountedAndGoNowhere() {
        let registry = PrometheusRegistry(mostSeries: 2)
        for label in ["one", "two", "three", "four"] {
            Counter(label: label, dimensions: [], factory: registry).increment()
        }
        let text = registry.text
        #expect(text.contains("one_total 1"))
        #expect(text.contains("two_total 1"))
        #expect(!text.contains("three"))
        #expect(text.contains("metrics_dropped_series_total 2"))
    }

    @Test func oneNameOfTwoKindsKeepsTheFirst() {
        let registry = PrometheusRegistry()
        Gauge(label: "x", dimensions: [], factory: registry).record(1)
        Recorder(label: "x", dimensions: [("a", "b")], aggregate: true, factory: registry).record(5)
        #expect(registry.text.contains("# TYPE x gauge\nx 1\n"))
        #expect(registry.text.contains("metrics_dropped_series_total 1"))
    }

    @Test func aMetricMadeAgainGoesOnWhereItWas() {
        let registry = PrometheusRegistry()
        for _ in 0..<5 { Counter(label: "n", dimensions: [], factory: registry).increment() }
        #expect(registry.text.contains("n_total 5\n"))
    }
}

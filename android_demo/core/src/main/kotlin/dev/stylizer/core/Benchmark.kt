package dev.stylizer.core

import dev.stylizer.core.drawing.StyleFile
import dev.stylizer.core.drawing.StyleNetwork
import org.json.JSONArray
import org.json.JSONObject

/** Times every style on GPU and CPU: how someone with a phone checks the frames a second. Blocks for as long. */
class Benchmark(private val models: ModelStore, private val runners: RunnerFactory) {
    /** [rounds] frames each after a tenth as many to warm up; returns JSON. [progress] gets a line a measurement. */
    fun run(rounds: Int, progress: (String) -> Unit): String {
        require(rounds > 0) { "rounds must be above 0, got $rounds" }
        val results = JSONArray()
        for (style in models.styles) for (accelerator in Accelerator.entries) {
            progress("$style on $accelerator")
            val result = JSONObject().put("style", style).put("accelerator", accelerator.name).put("rounds", rounds)
            try {
                measure(style, accelerator, rounds, result)
            } catch (e: Throwable) { // a native library that is missing is an Error
                result.put("error", e.message ?: e.javaClass.simpleName)
            }
            progress(result.toString())
            results.put(result)
        }
        return JSONObject().put("format", "stylizer-benchmark").put("version", 1).put("results", results).toString()
    }

    private fun measure(style: String, accelerator: Accelerator, rounds: Int, result: JSONObject) {
        val begun = System.nanoTime()
        val model = models.style(style, accelerator)
        StyleNetwork(StyleFile.read(model), runners.open(model, accelerator, DRAWING_THREADS)).use { network ->
            result.put("load_ms", (System.nanoTime() - begun) / 1e6)
            val picture = Picture(network.side, network.side)
            val drawn = Picture(network.side, network.side)
            repeat(1 + rounds / 10) { network.draw(picture, drawn) }
            val ms = DoubleArray(rounds) {
                val start = System.nanoTime()
                network.draw(picture, drawn)
                (System.nanoTime() - start) / 1e6
            }
            ms.sort()
            result.put("median_ms", ms[rounds / 2]).put("least_ms", ms[0]).put("p90_ms", ms[rounds * 9 / 10])
            result.put("frames_per_second", 1000 / ms[rounds / 2])
        }
    }
}

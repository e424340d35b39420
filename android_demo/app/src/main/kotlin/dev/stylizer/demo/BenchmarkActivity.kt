package dev.stylizer.demo

import android.app.Activity
import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import android.util.Log
import android.widget.TextView
import dev.stylizer.core.Benchmark
import java.io.File
import kotlin.concurrent.thread

/**
 * Times every style on this phone:
 *
 *     adb shell am start -n dev.stylizer.demo/.BenchmarkActivity --ei rounds 50
 *
 * The figures are on the screen, in the log under `StylizerBenchmark`, and in benchmark.json in the app's folder on
 * the shared storage.
 */
class BenchmarkActivity : Activity() {
    private lateinit var measurement: Measurement

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.activity_benchmark)
        measurement = lastNonConfigurationInstance as Measurement? ?: Measurement(applicationContext, rounds(intent))
        measurement.observe(::show)
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        if (!measurement.finished) return // two at a time would slow each other down
        measurement = Measurement(applicationContext, rounds(intent))
        measurement.observe(::show)
    }

    override fun onRetainNonConfigurationInstance(): Any = measurement

    override fun onDestroy() {
        measurement.observe(null)
        super.onDestroy()
    }

    private fun rounds(intent: Intent): Int = intent.getIntExtra("rounds", ROUNDS).coerceIn(1, MOST_ROUNDS)

    private fun show(text: String) {
        findViewById<TextView>(R.id.benchmark_text).text = text
    }

    /** One run on a thread of its own; goes on when the screen is turned. For the UI thread. */
    private class Measurement(context: Context, rounds: Int) {
        private val main = Handler(Looper.getMainLooper())
        private val resources = context.resources
        private val said = StringBuilder(resources.getString(R.string.benchmark_running))
        private var observer: ((String) -> Unit)? = null

        var finished = false
            private set

        init {
            thread(name = "benchmark") {
                try {
                    val runners = LiteRunner.Factory(context.codeCacheDir)
                    val json = Benchmark(AssetModels(context.assets), runners).run(rounds, ::say)
                    log(json)
                    val file = File(context.getExternalFilesDir(null) ?: context.filesDir, "benchmark.json")
                    file.writeText(json)
                    say(resources.getString(R.string.benchmark_written, file.path))
                } catch (e: Throwable) { // a native library that is missing is an Error
                    Log.e(TAG, "benchmark failed", e)
                    say(resources.getString(R.string.benchmark_failed, e.message ?: e.javaClass.simpleName))
                }
                main.post { finished = true }
            }
        }

        /** Tells [observer] everything said so far, now and when there is more. */
        fun observe(observer: ((String) -> Unit)?) {
            this.observer = observer
            observer?.invoke(said.toString())
        }

        private fun say(line: String) {
            main.post {
                said.append('\n').append(line)
                observer?.invoke(said.toString())
            }
        }

        private fun log(json: String) = json.chunked(LOG_LINE).forEach { Log.i(TAG, it) }
    }

    private companion object {
        const val TAG = "StylizerBenchmark"
        const val LOG_LINE = 3000 // logcat cuts lines at about 4000 bytes
        const val ROUNDS = 50
        const val MOST_ROUNDS = 1000
    }
}

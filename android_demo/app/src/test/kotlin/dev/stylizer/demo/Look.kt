package dev.stylizer.demo

import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Rect
import android.view.View
import android.view.ViewGroup
import android.widget.HorizontalScrollView
import android.widget.ImageButton
import android.widget.ImageView
import android.widget.ProgressBar
import android.widget.ScrollView
import android.widget.SeekBar
import android.widget.TextView
import java.io.File

/** A window as Android draws it, at one moment. */
class Look(private val window: View) {
    val bitmap: Bitmap = Bitmap.createBitmap(window.width, window.height, Bitmap.Config.ARGB_8888)

    init {
        window.draw(Canvas(bitmap))
    }

    /** Puts a PNG where the tests were told to. */
    fun write(name: String): Look {
        val folder = System.getProperty("stylizer.screens") ?: return this
        File(folder, "$name.png").outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
        return this
    }

    /** What nobody should see: what is cut off, lies on something else, is hard to touch, to read or to hear of. */
    fun problems(): List<String> {
        val seen = shown(window)
        val parts = seen.filter { it.background != null && it !== window && it.parent !== window || isPart(it) }
        val overlaps = parts.indices.flatMap { a -> (0 until a).map { parts[a] to parts[it] } }
            .filter { (a, b) -> !isWithin(a, b) && !isWithin(b, a) && Rect.intersects(visible(a), visible(b)) }
            .map { (a, b) -> "${name(a)} lies on ${name(b)}" }
        return overlaps + parts.filter(::isCutOff).map { "${name(it)} is cut off: ${visible(it)} of ${whole(it)}" } +
            seen.filter { isTouched(it) && minOf(it.width, it.height) < dp(48) }
                .map { "${name(it)} is hard to touch: ${it.width} x ${it.height} pixels" } +
            seen.filter { (isTouched(it) || it is ImageView) && it.isImportantForAccessibility && said(it).isEmpty() }
                .map { "${name(it)} has no description" } +
            seen.filterIsInstance<TextView>().mapNotNull { view -> broken(view)?.let { "${name(view)} $it" } } +
            parts.filter { it.isEnabled }.mapNotNull { view -> faint(view)?.let { "${name(view)} $it" } }
    }

    private fun shown(view: View): List<View> = when {
        view.visibility != View.VISIBLE -> emptyList()
        view is ViewGroup -> listOf(view) + (0 until view.childCount).flatMap { shown(view.getChildAt(it)) }
        else -> listOf(view)
    }

    private fun isPart(view: View) =
        view is ImageView || view is ProgressBar || view is TextView && view.text.isNotEmpty()

    private fun isTouched(view: View) = view.isClickable || view is SeekBar

    private fun isWithin(view: View, other: View) = ancestors(view).any { it === other }

    private fun ancestors(view: View) = generateSequence(view.parent as? View) { it.parent as? View }

    private fun whole(view: View): Rect {
        val at = IntArray(2).also { view.getLocationInWindow(it) }
        return Rect(at[0], at[1], at[0] + view.width, at[1] + view.height)
    }

    /** Empty if it was scrolled away. */
    private fun visible(view: View) = Rect().also { if (!view.getGlobalVisibleRect(it)) it.setEmpty() }

    /** What can be scrolled into view counts as seen. */
    private fun isCutOff(view: View): Boolean {
        val whole = whole(view)
        val visible = visible(view)
        val sideways = ancestors(view).any { it is HorizontalScrollView }
        val upright = ancestors(view).any { it is ScrollView }
        if (visible.isEmpty) return !sideways && !upright
        return !sideways && (visible.left != whole.left || visible.right != whole.right) ||
            !upright && (visible.top != whole.top || visible.bottom != whole.bottom)
    }

    private fun said(view: View): CharSequence = view.contentDescription ?: (view as? TextView)?.text ?: ""

    private fun broken(view: TextView): String? {
        val layout = view.layout ?: return "was not laid out"
        val text = view.text
        val lines = 0 until layout.lineCount
        return when {
            lines.any { layout.getEllipsisCount(it) > 0 } -> "is shortened: $text"
            layout.height > view.height - view.compoundPaddingTop - view.compoundPaddingBottom -> "is cut: $text"
            lines.map { layout.getLineEnd(it) }.any { it in 1 until text.length && isWord(text, it) } ->
                "breaks a word: $text"
            else -> null
        }
    }

    private fun isWord(text: CharSequence, at: Int) = text[at - 1].isLetterOrDigit() && text[at].isLetterOrDigit()

    /** Texts need a contrast of 4.5, icons one of 3 (WCAG 2); measured where they are drawn. */
    private fun faint(view: View): String? {
        val wanted = if (view is TextView) 4.5 else if (view is ImageButton) 3.0 else return null
        val place = visible(view).apply { if (!intersect(0, 0, bitmap.width, bitmap.height)) return null }
        val pixels = IntArray(place.width() * place.height())
        bitmap.getPixels(pixels, 0, place.width(), place.left, place.top, place.width(), place.height())
        val colors = pixels.toList().groupingBy { it }.eachCount()
        val ground = luminance(colors.maxByOrNull { it.value }!!.key)
        val contrast = colors.keys.maxOf { contrast(ground, luminance(it)) }
        return if (contrast < wanted) "is hard to see: contrast %.1f".format(contrast) else null
    }

    private fun contrast(a: Float, b: Float) = (maxOf(a, b) + 0.05) / (minOf(a, b) + 0.05)

    private fun luminance(color: Int) = Color.luminance(color)

    private fun dp(length: Int) = length * window.resources.displayMetrics.density

    private fun name(view: View) =
        if (view.id == View.NO_ID) view.javaClass.simpleName else view.resources.getResourceEntryName(view.id)
}

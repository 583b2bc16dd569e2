// Runs in the page: the theme button, and names of points under the pointer. Without it the page is complete.
;(() => {
  const page = document.documentElement
  const button = document.getElementById('theme')
  const key = 'seawall-report-theme'
  const prefersDark = matchMedia('(prefers-color-scheme: dark)')
  const isDark = () =>
    page.dataset.theme === undefined ? prefersDark.matches : page.dataset.theme === 'dark'

  const showButton = () => {
    button.textContent = isDark() ? 'Light' : 'Dark'
    button.setAttribute('aria-label', isDark() ? 'Use the light theme' : 'Use the dark theme')
  }

  // A browser may forbid storage to a file; then the choice lasts as long as the page.
  const stored = (work) => {
    try {
      return work()
    } catch {
      return undefined
    }
  }

  const kept = stored(() => localStorage.getItem(key))
  if (kept === 'light' || kept === 'dark') page.dataset.theme = kept
  button.hidden = false
  showButton()
  button.addEventListener('click', () => {
    page.dataset.theme = isDark() ? 'light' : 'dark'
    stored(() => localStorage.setItem(key, page.dataset.theme))
    showButton()
  })
  prefersDark.addEventListener('change', showButton)

  const tip = document.createElement('div')
  tip.className = 'tip'
  tip.hidden = true
  document.body.append(tip)
  for (const point of document.querySelectorAll('.hit')) {
    const title = point.querySelector('title')
    // Otherwise the browser shows its own beside this one.
    point.dataset.tip = title.textContent
    title.remove()
  }

  const hide = () => {
    tip.hidden = true
    for (const series of document.querySelectorAll('.is-pointed')) {
      series.classList.remove('is-pointed')
    }
  }

  const show = (point) => {
    hide()
    point.parentNode.classList.add('is-pointed')
    tip.textContent = point.dataset.tip
    tip.hidden = false
    const place = point.getBoundingClientRect()
    const middle = place.left + place.width / 2
    const left = Math.min(
      innerWidth - tip.offsetWidth - 8,
      Math.max(8, middle - tip.offsetWidth / 2),
    )
    const above = place.top - tip.offsetHeight - 6
    tip.style.left = `${left}px`
    tip.style.top = `${above > 8 ? above : place.bottom + 6}px`
  }

  // Circles overlap where lines are close: the nearest one is meant, not the topmost.
  const distance = (point, x, y) => {
    const place = point.getBoundingClientRect()
    return Math.hypot(place.left + place.width / 2 - x, place.top + place.height / 2 - y)
  }
  const pointUnder = ({ clientX: x, clientY: y }) =>
    document
      .elementsFromPoint(x, y)
      .filter((element) => element.classList.contains('hit'))
      .sort((a, b) => distance(a, x, y) - distance(b, x, y))[0]

  let shown
  const follow = (event) => {
    const point = pointUnder(event)
    if (point === shown) return
    shown = point
    if (point === undefined) hide()
    else show(point)
  }
  document.addEventListener('pointermove', follow, { passive: true })
  document.addEventListener('pointerdown', follow, { passive: true })
  addEventListener('scroll', () => follow({ clientX: -1, clientY: -1 }), { passive: true })
})()

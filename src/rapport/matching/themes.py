"""Themes: which words speak of which skills and interests, in Spanish and English. Data alone; `lexicon.py` looks things up.

A theme has names, by which a centre may call a skill or an interest, and words, by which people speak of it. A word in `hints`
speaks of it only half. Names and words are compared by their stems, so one form of each is enough.
"""

# Parts of names that say nothing of what somebody is good at.
SAYS_NOTHING = (
    "management, support, service, services, customer, client, help, team, agent, general, issue, issues, problem, problems, "
    "question, questions, request, expert, specialist, advisor, level, skill, de, la, el, los, las, del, y, en, and, of, the, "
    "for, to, in, soporte, servicio, cliente, clientes, ayuda, equipo, problema, problemas, pregunta, preguntas, consulta, "
    "consultas, gestion, atencion"
)

THEMES: tuple[tuple[str, str, str], ...] = (
    # names | words | hints
    ("wifi, wireless, internet, network, networking, red, connectivity, conectividad",
     "wifi, wlan, internet, router, modem, conexion, connection, connect, conectar, desconecta, disconnect, red, network, "
     "hotspot, inalambrico, wireless, broadband, fibra, ethernet, bandwidth, senal, signal, offline",
     "slow, lento, lenta, drops, cae, corta, password, clave"),
    ("it, it-support, technical, technical-support, tech, tech-support, support-it, soporte, soporte-tecnico, tecnico, "
     "helpdesk, troubleshooting, sistemas, technology",
     "wifi, internet, router, laptop, computer, computadora, ordenador, app, aplicacion, software, error, bug, crash, login, "
     "password, contrasena, pantalla, screen, television, tv, impresora, printer, update, actualizacion, website, sitio, "
     "install, instalar, reset, reinicia, technical, tecnico, averia, conexion, connection",
     "broken, roto, funciona, work, falla, fail, slow, lento, code, codigo, signal, senal, phone, telefono, celular"),
    ("billing, bill, bills, invoice, invoices, invoicing, facturacion, factura, facturas, cobros, cobranza, charges, "
     "payments, pagos",
     "bill, billing, invoice, factura, facturacion, cobro, cobraron, cobrado, cobrar, cargo, charge, charged, overcharged, "
     "minibar, receipt, recibo, cuota, fee, fees, double, duplicado, tarifa, importe, statement",
     "pay, paid, payment, pago, pagar, pague, money, dinero, amount, cuenta, total, price, precio, dispute, card, tarjeta"),
    ("payments, payment, pagos, pago, checkout",
     "pay, payment, paid, pago, pagar, pague, checkout, paypal, bizum, transfer, transferencia, declined, rechazado, "
     "rechazada, cobro, charge, installments, plazos, meses",
     "card, tarjeta, money, dinero, bank, banco, cuenta, account"),
    ("money-management, budgeting, budget, personal-finance, finanzas-personales, presupuesto, spending, savings, ahorro, "
     "gastos, financial-planning, money, finance, finanzas, wealth",
     "spend, spending, spent, gasto, gastos, gastar, gastando, presupuesto, budget, budgeting, ahorro, ahorrar, save, "
     "saving, savings, expense, expenses, overspend, finanzas, finances, afford, money, dinero",
     "month, mes, debt, deuda, income, ingresos, salary, sueldo, nomina, plan, account, cuenta"),
    ("refunds, refund, reembolsos, reembolso, devoluciones-de-dinero, compensation",
     "refund, refunded, reembolso, reembolsar, reintegro, compensation, compensacion, compensar, moneyback, chargeback, "
     "devuelvan",
     "money, dinero, return, devolver, devolucion, charge, cobro, back"),
    ("returns, return, devoluciones, devolucion, exchanges, cambios",
     "return, returned, devolver, devolucion, exchange, exchanged, swap, cambiar, cambio, defective, defectuoso",
     "size, talla, wrong, equivocado, refund, reembolso, label, etiqueta, broken, roto"),
    ("delivery, deliveries, shipping, shipments, logistics, envios, envio, entregas, entrega, orders, order, pedidos, "
     "tracking, paqueteria, logistica",
     "deliver, delivery, delivered, ship, shipping, shipped, shipment, package, parcel, paquete, envio, enviar, enviado, "
     "entrega, entregar, pedido, order, ordered, tracking, rastreo, guia, courier, repartidor, mensajeria, carrier, aduana, "
     "customs",
     "late, tarde, arrive, arrived, llega, llego, lost, perdido, where, donde, address, direccion, retraso, delay, delayed"),
    ("sales, sale, ventas, venta, selling, comercial, pricing, quotes, cotizaciones, products, productos",
     "buy, buying, purchase, comprar, compra, price, pricing, precio, quote, cotizacion, cotizar, discount, descuento, "
     "oferta, offer, promo, promotion, promocion, catalogo, catalogue, demo, trial, prueba, plan, plans, planes, subscribe, "
     "contratar, webinar, upgrade, license, licencia, licencias, product, producto, feature",
     "available, disponible, stock, interested, interesa, cost, cuesta, cuanto, model, modelo, enterprise, empresa"),
    ("nursing, nurse, nurses, care, patient-care, wound-care, wounds, enfermeria, cuidados, health, healthcare, salud, "
     "clinical, travel-nursing, home-care, medical",
     "nurse, nursing, enfermera, enfermeria, wound, herida, bandage, venda, vendaje, dressing, curacion, medicine, "
     "medication, medicamento, medicina, pill, pastilla, pills, dose, dosis, pain, dolor, duele, fever, fiebre, swollen, "
     "hinchado, hinchada, swelling, hinchazon, blood, sangre, surgery, cirugia, operacion, injection, inyeccion, insulin, "
     "insulina, symptom, sintoma, infection, infeccion, puntos, stitches, catheter, cateter, hospital, clinic, clinica, "
     "doctor, medico, patient, paciente, cuidado, care, rash, pus, pressure, glucose, glucosa, discharge",
     "red, visit, visita, home, casa, worse, peor, arm, brazo, leg, pierna, knee, rodilla"),
    ("appointments, appointment, scheduling, booking, bookings, citas, agenda, reservations, reservas, reservaciones",
     "appointment, cita, citas, schedule, reschedule, agendar, reagendar, agenda, book, booking, booked, reserva, reservar, "
     "reservacion, reservation, calendar, calendario, turno, availability, disponibilidad, slot",
     "date, fecha, time, hora, cancel, cancelar, change, cambiar, tomorrow, manana, visit, visita"),
    ("cards, credit-cards, credit-card, card, debit-cards, tarjetas, tarjetas-de-credito, tarjeta",
     "card, cards, tarjeta, tarjetas, visa, mastercard, amex, debit, debito, contactless, atm, cajero, pin, cvv",
     "credit, credito, stolen, robada, robaron, lost, perdida, block, bloquear, limit, limite, declined, rechazada, charge, "
     "cargo"),
    ("loans, loan, lending, credit, prestamos, prestamo, creditos, credito, borrowing",
     "loan, lend, prestamo, credito, credit, borrow, interest, intereses, installment, mensualidad, apr, financing, "
     "financiar, financiamiento, deuda, debt, refinance, refinanciar",
     "rate, tasa, month, mes, bank, banco, pay, pagar"),
    ("mortgages, mortgage, hipotecas, hipoteca, home-buying, real-estate, housing",
     "mortgage, hipoteca, hipotecario, house, home, casa, vivienda, departamento, apartment, enganche, downpayment, "
     "property",
     "loan, prestamo, credito, buy, comprar, rate, tasa"),
    ("investments, investing, investment, inversiones, inversion, retirement, pensions, pensiones, wealth-management",
     "invest, investment, inversion, invertir, fund, fondo, fondos, stock, acciones, bond, bonos, portfolio, portafolio, "
     "pension, retire, retirement, jubilacion, afore, dividend, dividendo",
     "interest, plan, savings, ahorro, return, rendimiento"),
    ("fraud, security, fraude, seguridad, account-security, phishing",
     "fraud, fraude, scam, estafa, hacked, hackearon, hackeada, stolen, robo, robaron, robada, phishing, unauthorized, "
     "suspicious, sospechoso, identity, identidad, clonaron, clonada",
     "block, bloquear, security, seguridad, recognise, recognize, reconozco, password, contrasena, charge, cargo"),
    ("accounts, account, cuentas, cuenta, login, access, registration, onboarding, profile",
     "login, log, signin, password, contrasena, username, usuario, register, registro, registrar, verify, verificar, "
     "verification, locked, bloqueada, bloqueado, profile, perfil, otp",
     "account, cuenta, access, acceso, entrar, code, codigo, email, correo"),
    ("cancellations, cancellation, retention, cancelaciones, cancelacion, retencion, churn, bajas",
     "cancel, cancelled, cancellation, cancelar, cancelacion, unsubscribe, baja, quit, leave, terminate, rescindir",
     "contract, contrato, plan, competitor, competencia, fed, harto, harta"),
    ("complaints, complaint, quejas, reclamaciones, de-escalation, deescalation, calm, calming, escalations, empathy, "
     "apologies",
     "complaint, complain, queja, quejar, reclamo, reclamacion, reclamar, unacceptable, inaceptable, disgusting, terrible, "
     "horrible, pesimo, worst, verguenza, lawyer, abogado, profeco, anger, angry, furious, furioso, harto, indignante, "
     "ridiculous",
     "bad, malo, mala, never, nunca, rude, grosero, service, servicio"),
    ("travel, flights, airline, vuelos, viajes, trips, tourism, turismo, baggage, equipaje",
     "flight, vuelo, fly, airport, aeropuerto, boarding, abordar, baggage, luggage, equipaje, maleta, suitcase, trip, viaje, "
     "viajar, travel, passport, pasaporte, visa, itinerary, itinerario, gate, layover, escala, airline, aerolinea, tour, "
     "vacation, vacaciones",
     "ticket, boleto, billete, seat, asiento, delay, retraso, cancel, cancelado, missed, perdi"),
    ("hotel, hospitality, front-desk, reception, recepcion, concierge, housekeeping, rooms, habitaciones, guest-services",
     "checkin, checkout, reception, recepcion, towel, toalla, sheets, sabanas, housekeeping, limpieza, noise, ruido, "
     "breakfast, desayuno, pool, alberca, piscina, spa, minibar, concierge, aire, conditioning, key, llave, suite, bed, "
     "cama",
     "room, habitacion, hotel, stay, estancia, guest, huesped, late, booking, reserva, dirty, sucio, sucia"),
    ("formal-wear, formalwear, formal, suits, fashion, style, styling, moda, ropa, ropa-formal, ropa-de-gala, trajes, "
     "clothing, apparel, personal-shopping, tailoring, menswear, womenswear, dresses",
     "suit, traje, tuxedo, esmoquin, smoking, dress, vestido, gown, gala, tie, corbata, blazer, saco, shirt, camisa, "
     "trousers, pantalon, formal, wedding, boda, etiqueta, tailor, sastre, outfit, atuendo, clothes, ropa, fashion, moda, "
     "wear, jacket, chaqueta, skirt, falda",
     "size, talla, shoes, zapatos, fit, party, fiesta, event, evento, color, black, negro"),
    ("shoes, footwear, calzado, zapatos, sneakers, tenis",
     "shoe, shoes, zapato, zapatos, sneaker, sneakers, tenis, zapatillas, boots, botas, sandals, sandalias, calzado, "
     "footwear, insole, plantilla, heel, tacon",
     "size, talla, number, numero, comfortable, comodo, run, correr"),
    ("warranty, repairs, repair, garantia, garantias, reparaciones, reparacion, maintenance, mantenimiento",
     "warranty, garantia, repair, reparar, reparacion, fix, arreglar, arreglo, maintenance, mantenimiento, spare, refaccion, "
     "repuesto, technician, tecnico, leak, fuga, gotea",
     "broken, roto, rota, damaged, danado, work, funciona, replace, cambiar"),
    ("insurance, seguros, seguro, claims, siniestros, polizas",
     "insurance, seguro, poliza, policy, claim, siniestro, accident, accidente, coverage, cobertura, deductible, deducible, "
     "premium, insured, asegurado, crash, choque, ajustador",
     "car, coche, carro, damage, dano, hospital"),
    ("phones, mobile, telecom, telefonia, celulares, sim, roaming, plans",
     "sim, esim, roaming, mobile, movil, celular, prepaid, prepago, portabilidad, data, datos, gigas, line, linea, number, "
     "numero, coverage, cobertura, signal, senal, iphone, android",
     "phone, telefono, call, llamada, plan, recarga"),
    ("taxes, tax, impuestos, fiscal, accounting, contabilidad",
     "tax, taxes, impuesto, iva, vat, irs, sat, cfdi, fiscal, rfc, deduct, deducir, accounting, contabilidad, contador, "
     "accountant",
     "invoice, factura, year, anual"),
    ("hr, human-resources, recursos-humanos, recruiting, jobs, careers, empleo, payroll",
     "job, vacancy, vacante, empleo, trabajo, career, resume, curriculum, cv, hire, hiring, contratan, payroll, nomina, "
     "interview, entrevista, salary, sueldo",
     "work, apply, postular"),
    ("legal, privacy, privacidad, compliance, legales, gdpr",
     "legal, lawyer, abogado, privacy, privacidad, gdpr, rgpd, delete, borrar, lawsuit, demanda, rights, derechos, terms, "
     "contract, contrato",
     "data, datos, personal, consent, policy"),
    ("press, media, prensa, public-relations, pr, social-media, marketing, events, eventos, webinars",
     "press, prensa, journalist, periodista, interview, entrevista, influencer, sponsor, patrocinio, collaboration, "
     "colaboracion, campaign, campana, webinar, event, evento, newsletter, publicity",
     "media, article, articulo, post"),
    ("store, shop, tienda, in-store, inventory, inventario, stock",
     "store, shop, tienda, sucursal, branch, stock, inventory, existencia, aisle, pasillo, mostrador, cashier, caja, pickup, "
     "recoger",
     "open, abierto, hours, horario, available, disponible, size, talla"),
    ("food, restaurant, restaurante, dining, menu, catering, cocina",
     "food, comida, restaurant, restaurante, menu, dish, plato, platillo, meal, allergy, alergia, vegan, vegano, gluten, "
     "table, mesa, chef, dinner, cena, lunch, catering, coffee, cafe",
     "cold, fria, frio, taste, sabor, waiter, mesero"),
    ("cars, automotive, autos, coches, vehicles, vehiculos, motor",
     "car, coche, carro, auto, vehicle, vehiculo, engine, motor, tire, llanta, neumatico, brake, freno, oil, aceite, "
     "battery, bateria, dealership, concesionario, mileage, kilometraje, suv",
     "service, servicio, drive, manejar"),
    ("school, education, courses, educacion, cursos, enrolment, enrollment, admissions, inscripciones, students",
     "course, curso, class, clase, enrol, enroll, inscripcion, inscribir, tuition, colegiatura, matricula, student, alumno, "
     "estudiante, teacher, profesor, exam, examen, scholarship, beca, degree, diploma",
     "start, date, fecha"),
    ("energy, electricity, gas, power, luz, electricidad, utilities, water, agua",
     "electricity, electricidad, luz, power, apagon, outage, meter, medidor, contador, gas, water, agua, kwh, solar, "
     "voltage, voltaje",
     "bill, factura, cut, corte"),
    # interests
    ("running, runner, runners, correr, jogging, marathon, marathons, maraton, races, athletics, atletismo",
     "5k, 10k, 15k, 21k, 42k, run, running, runner, correr, corredor, corro, marathon, maraton, halfmarathon, triathlon, "
     "triatlon, race, carrera, jog, jogging, sprint, ultra, trail",
     "training, entreno, entrenar, shoes, tenis, zapatillas, medal, medalla, kilometros, miles"),
    ("cycling, bikes, bicycle, ciclismo, bicicletas, mtb",
     "bike, bici, bicicleta, bicycle, cycling, cyclist, ciclismo, ciclista, pedal, granfondo, mtb, helmet, casco",
     "ride, ruta, race, carrera"),
    ("football, soccer, futbol",
     "football, soccer, futbol, gol, goal, liga, league, mundial, worldcup, stadium, estadio, championsleague",
     "match, partido, team, equipo"),
    ("swimming, natacion",
     "swim, swimming, swimmer, nadar, natacion, nadador, pool, alberca, piscina",
     "water, agua"),
    ("hiking, trekking, mountains, senderismo, montana, climbing, outdoors",
     "hike, hiking, trek, trekking, trail, senderismo, montana, mountain, climb, climbing, escalar, escalada, camping, "
     "summit, cumbre",
     "boots, botas, outdoor"),
    ("yoga, fitness, gym, gimnasio, pilates, crossfit, wellness",
     "yoga, pilates, gym, gimnasio, fitness, workout, crossfit, pesas, weights, meditation, meditacion, stretch",
     "training, entrenar, class, clase"),
    ("cooking, cocina, baking, gastronomy, gastronomia, recipes",
     "cook, cooking, cocinar, recipe, receta, bake, baking, hornear, chef, kitchen, gastronomia, oven, horno",
     "food, comida, class, clase"),
    ("wine, vino, wines, beer, cerveza, coffee, cafe",
     "wine, vino, winery, vinedo, tasting, cata, beer, cerveza, coffee, cafe, barista, sommelier",
     "bottle, botella"),
    ("music, musica, guitar, concerts, conciertos, piano, singing",
     "music, musica, concert, concierto, guitar, guitarra, piano, band, banda, song, cancion, sing, cantar, festival, album, "
     "vinyl, opera",
     "ticket, boleto"),
    ("reading, books, libros, lectura, literature, literatura, writing",
     "book, libro, read, reading, leer, lectura, novel, novela, author, autor, bookclub, library, biblioteca, poetry, "
     "poesia",
     "story"),
    ("photography, fotografia, photos",
     "photo, photography, fotografia, camera, camara, lens, lente, photographer, fotografo",
     "picture"),
    ("gaming, games, videojuegos, chess, ajedrez, board-games",
     "game, gaming, gamer, videojuego, console, consola, playstation, xbox, nintendo, esports, chess, ajedrez",
     "play, jugar"),
    ("gardening, plants, jardineria, plantas",
     "garden, gardening, jardin, jardineria, plant, planta, flower, flor, seeds, semillas",
     "grow"),
    ("pets, dogs, cats, mascotas, perros, gatos, animals",
     "pet, mascota, dog, perro, perra, puppy, cachorro, cat, gato, gata, kitten, vet, veterinario",
     "adopt, adoptar"),
    ("family, parenting, kids, children, familia, hijos, crianza, baby, babies",
     "baby, bebe, kid, kids, child, children, hijo, hija, hijos, nino, nina, toddler, newborn, pregnant, embarazada, "
     "stroller, carriola, diaper, panal, daycare, guarderia",
     "family, familia, mother, mama, father, papa, school, escuela"),
    ("art, arte, painting, pintura, museums, museos, design, diseno",
     "art, arte, paint, painting, pintura, pintar, museum, museo, gallery, galeria, exhibition, exposicion, sculpture, "
     "design, diseno",
     "class, clase"),
    ("cinema, movies, film, cine, peliculas, series, theatre, teatro",
     "movie, pelicula, film, cine, cinema, series, serie, theatre, teatro, actor, director, premiere, estreno",
     "ticket, boleto"),
    ("golf",
     "golf, golfer, putter, caddie",
     "club, course"),
    ("tennis, tenis, padel",
     "tennis, padel, racket, raqueta, wimbledon",
     "match, court, cancha"),
    ("dance, dancing, baile, salsa",
     "dance, dancing, bailar, baile, salsa, bachata, tango, ballet",
     "class, clase"),
)  # fmt: skip
